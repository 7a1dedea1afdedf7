package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// session is a transaction, or the readers' connections.
type session struct {
	dialect
	// steady is that what was begun is not interrupted.
	steady bool
	// again, if set, tries to read once more where that may help.
	again func(ctx context.Context, try func() error) error
	sql   interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
}

// context is that of a query.
func (s session) context(ctx context.Context) (context.Context, error) {
	if s.steady {
		return context.WithoutCancel(ctx), ctx.Err()
	}
	return ctx, nil
}

// reading reads something, once more if that may help.
func (s session) reading(ctx context.Context, try func(ctx context.Context) error) error {
	ctx, err := s.context(ctx)
	if err != nil {
		return err
	}
	if s.again == nil {
		return try(ctx)
	}
	return s.again(ctx, func() error { return try(ctx) })
}

// exec changes rows, and returns how many.
func (s session) exec(ctx context.Context, query string, args ...any) (int, error) {
	ctx, err := s.context(ctx)
	if err != nil {
		return 0, err
	}
	result, err := s.sql.ExecContext(ctx, s.bind(query), s.args(args)...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// one changes one row; ErrNotFound if there is none.
func (s session) one(ctx context.Context, query string, args ...any) error {
	n, err := s.exec(ctx, query, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// row reads one row into to; ErrNotFound if there is none.
func (s session) row(ctx context.Context, to []any, query string, args ...any) error {
	err := s.reading(ctx, func(ctx context.Context) error {
		return s.sql.QueryRowContext(ctx, s.bind(query), s.args(args)...).Scan(to...)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// has reports whether a query has any row; it must select a number.
func (s session) has(ctx context.Context, query string, args ...any) (bool, error) {
	var one int
	err := s.row(ctx, []any{&one}, query, args...)
	if err == ErrNotFound {
		return false, nil
	}
	return err == nil, err
}

// rows reads all rows of a query; scan says where the columns of the next go.
func rows[T any](ctx context.Context, s session, scan func(*T) []any, query string, args ...any) (all []T, err error) {
	err = s.reading(ctx, func(ctx context.Context) error {
		all = nil
		found, err := s.sql.QueryContext(ctx, s.bind(query), s.args(args)...)
		if err != nil {
			return err
		}
		defer func() { _ = found.Close() }()
		for found.Next() {
			var next T
			if err := found.Scan(scan(&next)...); err != nil {
				return err
			}
			all = append(all, next)
		}
		return found.Err()
	})
	return all, err
}
