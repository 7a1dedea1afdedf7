package ledger

import (
	"context"
	"errors"
	"fmt"
)

// Setting reads what SetSetting wrote; false if that was never done.
func (l *Ledger) Setting(ctx context.Context, key string) (string, bool, error) {
	var value string
	err := l.read().row(ctx, []any{&value}, "SELECT value FROM settings WHERE name = ?", key)
	if errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("reading setting %.80q: %w", key, l.explain(err))
	}
	return value, true, nil
}

// SetSetting remembers a value, of at most 1 MiB.
func (l *Ledger) SetSetting(ctx context.Context, key, value string) error {
	err := checkName("setting", key)
	if err == nil {
		if err = checkExact(value, maxValue); err != nil {
			err = fmt.Errorf("its value %w", err)
		}
	}
	if err == nil {
		err = l.write(ctx, func(tx session) error {
			_, err := tx.exec(ctx, "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", key, value)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("saving setting %.80q: %w", key, err)
	}
	return nil
}
