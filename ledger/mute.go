package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Mute keeps sensors from being told of.
type Mute struct {
	ID        string
	Pattern   string // of device/tag, with * and ?
	Job       string // empty: of all jobs
	Recovered bool   // it ends when its sensors are well again, too: an acknowledgement
	Ends      time.Time
	Reason    string
	Who       string
	Created   time.Time
}

const muteColumns = "id, pattern, job, recovered, ends, reason, who, created"

func scanMute(m *Mute) []any {
	return []any{&m.ID, &m.Pattern, &m.Job, &m.Recovered, timeColumn{&m.Ends}, &m.Reason, &m.Who, timeColumn{&m.Created}}
}

// AddMute adds a mute, and takes out those that have ended.
func (l *Ledger) AddMute(ctx context.Context, m Mute) error {
	err := checkName("mute", m.ID)
	if err == nil {
		err = checkName("pattern", m.Pattern)
	}
	if err == nil {
		err = l.write(ctx, func(tx session) error {
			if _, err := tx.exec(ctx, "DELETE FROM mutes WHERE ends <= ?", m.Created.UnixMicro()); err != nil {
				return err
			}
			_, err := tx.exec(ctx, "INSERT INTO mutes ("+muteColumns+") VALUES (?"+strings.Repeat(", ?", 7)+")",
				m.ID, m.Pattern, clip(m.Job), m.Recovered, m.Ends.UnixMicro(), clip(m.Reason), clip(m.Who), m.Created.UnixMicro())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("muting %.80q: %w", m.Pattern, err)
	}
	return nil
}

// Mutes lists the mutes that end after now, those that were made last first.
func (l *Ledger) Mutes(ctx context.Context, now time.Time) ([]Mute, error) {
	all, err := rows(ctx, l.read(), scanMute, "SELECT "+muteColumns+" FROM mutes WHERE ends > ? ORDER BY created DESC, id", now.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("reading mutes: %w", l.explain(err))
	}
	return all, nil
}

// RemoveMute ends a mute, or returns ErrNotFound.
func (l *Ledger) RemoveMute(ctx context.Context, id string) (m Mute, err error) {
	err = l.write(ctx, func(tx session) error {
		if err := tx.row(ctx, scanMute(&m), "SELECT "+muteColumns+" FROM mutes WHERE id = ?", id); err != nil {
			return err
		}
		return tx.one(ctx, "DELETE FROM mutes WHERE id = ?", id)
	})
	if err != nil {
		return m, fmt.Errorf("ending mute %.80q: %w", id, err)
	}
	return m, nil
}
