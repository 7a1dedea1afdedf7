package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Job is what the ledger knows of a job.
type Job struct {
	Name     string
	Spec     json.RawMessage // its definition, of which the ledger understands nothing
	Priority int
	Paused   bool
	Removed  bool // it is no longer in the configuration
	// Cursor is the end of the last interval that was fired or passed over; zero:
	// there was none.
	Cursor  time.Time
	Updated time.Time // of its definition, or of its removal
}

const jobColumns = "name, spec, priority, paused, removed, cursor, updated"

func scanJob(j *Job) []any {
	return []any{&j.Name, (*specColumn)(&j.Spec), &j.Priority, &j.Paused, &j.Removed, timeColumn{&j.Cursor}, timeColumn{&j.Updated}}
}

// SaveJobs makes the jobs those of the configuration: it takes over name, spec
// and priority of each, and marks all others as removed. Whether a job is paused,
// and its cursor, stay as they are, also while it is removed.
func (l *Ledger) SaveJobs(ctx context.Context, jobs []Job, now time.Time) error {
	listed := make(map[string]bool, len(jobs))
	for _, j := range jobs {
		if err := checkJob(j); err != nil {
			return fmt.Errorf("saving jobs: %w", err)
		}
		if listed[j.Name] {
			return fmt.Errorf("saving jobs: %q is there twice", j.Name)
		}
		listed[j.Name] = true
	}
	err := l.write(ctx, func(tx session) error {
		for _, j := range jobs {
			if _, err := tx.exec(ctx, `INSERT INTO jobs (name, spec, priority, paused, removed, updated) VALUES (?, ?, ?, FALSE, FALSE, ?)
				ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, priority = excluded.priority, removed = FALSE, updated = excluded.updated
				WHERE jobs.removed OR jobs.spec <> excluded.spec OR jobs.priority <> excluded.priority`,
				j.Name, string(j.Spec), j.Priority, now.UnixMicro()); err != nil {
				return err
			}
		}
		before, err := rows(ctx, tx, func(name *string) []any { return []any{name} }, "SELECT name FROM jobs WHERE NOT removed")
		if err != nil {
			return err
		}
		for _, name := range before {
			if listed[name] {
				continue
			}
			if _, err := tx.exec(ctx, "UPDATE jobs SET removed = TRUE, updated = ? WHERE name = ?", now.UnixMicro(), name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("saving jobs: %w", err)
	}
	return nil
}

func checkJob(j Job) error {
	if err := checkName("job", j.Name); err != nil {
		return err
	}
	if err := checkExact(string(j.Spec), maxValue); err != nil {
		return fmt.Errorf("the definition of %q %w", j.Name, err)
	}
	if len(j.Spec) > 0 && !json.Valid(j.Spec) {
		return fmt.Errorf("the definition of %q is not JSON", j.Name)
	}
	return nil
}

// Jobs lists the jobs of the configuration, by name.
func (l *Ledger) Jobs(ctx context.Context) ([]Job, error) {
	jobs, err := rows(ctx, l.read(), scanJob, "SELECT "+jobColumns+" FROM jobs WHERE NOT removed ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("reading jobs: %w", l.explain(err))
	}
	return jobs, nil
}

// Job finds a job, which may have been removed, or returns ErrNotFound.
func (l *Ledger) Job(ctx context.Context, name string) (Job, error) {
	var j Job
	err := checkName("job", name)
	if err != nil {
		err = ErrNotFound
	} else {
		err = l.read().row(ctx, scanJob(&j), "SELECT "+jobColumns+" FROM jobs WHERE name = ?", name)
	}
	if err != nil {
		return Job{}, fmt.Errorf("reading job %.80q: %w", name, l.explain(err))
	}
	return j, nil
}

// SetPaused pauses a job, or has it go on; ErrNotFound if there is none.
func (l *Ledger) SetPaused(ctx context.Context, name string, paused bool) error {
	err := l.write(ctx, func(tx session) error {
		return tx.one(ctx, "UPDATE jobs SET paused = ? WHERE name = ?", paused, name)
	})
	if err != nil {
		return fmt.Errorf("pausing job %.80q, or having it go on: %w", name, err)
	}
	return nil
}

// specColumn reads JSON as it was written.
type specColumn json.RawMessage

// Scan implements sql.Scanner.
func (c *specColumn) Scan(value any) error {
	switch v := value.(type) {
	case string:
		*c = append((*c)[:0:0], v...)
	case []byte:
		*c = append((*c)[:0:0], v...)
	default:
		return fmt.Errorf("a %T where JSON should be", value)
	}
	return nil
}
