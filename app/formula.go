package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/fleetscore/fleetscore/notify"
	"github.com/fleetscore/fleetscore/pool"
)

// Where the ledger has what is known of formulas.
const (
	formulasSetting = "pool.formulas" // which were in force, and did not fail
	toldSetting     = "pool.told"     // of which it was told that it fails
)

// tellPace is how often it is told at most that one formula fails.
const tellPace = 24 * time.Hour

// formulaTold is of which formula it was told last that it fails, and whether since
// then that the pool has one that works.
type formulaTold struct {
	Formula string    `json:"formula"`
	At      time.Time `json:"at"`
	Well    bool      `json:"well,omitempty"`
}

// due reports whether it is to be told that a formula fails.
func (t *formulaTold) due(formula string, now time.Time) bool {
	return t.Well || formula != t.Formula || now.Before(t.At) || now.Sub(t.At) >= tellPace
}

// well reports whether it is to be told that the pool has a formula that works: the one
// that failed has not for long, or another is in force and does not.
func (t *formulaTold) well(r *pool.Record, failing bool) bool {
	return t.Formula != "" && !t.Well && r.Error == "" && (r.Formula != t.Formula || !failing)
}

// recall reads what the ledger has under a key. What cannot be read is as if it were
// not there.
func (a *App) recall(ctx context.Context, key string, into any) error {
	text, _, err := a.ledger.Setting(ctx, key)
	if err != nil {
		return err
	}
	if text != "" && json.Unmarshal([]byte(text), into) != nil {
		a.log.Warn("what the ledger has of the pool cannot be read, and is forgotten", "setting", key)
	}
	return nil
}

// keep writes to the ledger what recall reads, and reports whether it did.
func (a *App) keep(key string, value any) bool {
	text, err := json.Marshal(value)
	if err == nil {
		err = a.ledger.SetSetting(context.Background(), key, string(text))
	}
	if err != nil {
		a.log.Warn("what is known of the pool is not kept", "setting", key, "error", err)
	}
	return err == nil
}

// keepFormulas keeps which formulas did not fail, if that has changed. Only the pool
// calls it, one call after the other.
func (a *App) keepFormulas() {
	if kept := a.pool.Kept(); kept != a.kept && a.keep(formulasSetting, kept) {
		a.kept = kept
	}
}

// tellFormula tells people that a formula fails: when it does for the first time, and
// again when it still does a day later; and that it is over. Only the pool calls it, as
// keepFormulas.
func (a *App) tellFormula(records []pool.Record) {
	for i := range records {
		r := &records[i]
		if r.Error == "" || !a.told.due(r.Formula, r.Time) {
			continue
		}
		err := a.notify.FormulaFailing(context.Background(), notify.FormulaData{Formula: r.Formula, Using: a.pool.Good(), Error: r.Error, Since: r.Time.UTC()})
		if err != nil {
			a.log.Error("it cannot be told that the formula fails", "error", err)
			continue
		}
		a.told = formulaTold{Formula: r.Formula, At: r.Time}
		a.keep(toldSetting, a.told)
	}
	last := &records[len(records)-1]
	if !a.told.well(last, !a.pool.Failing().Since.IsZero()) {
		return
	}
	err := a.notify.FormulaWorks(context.Background(), notify.WorksData{Formula: last.Formula, Failed: a.told.Formula, Told: a.told.At.UTC()})
	if err != nil {
		a.log.Error("it cannot be told that the formula works again", "error", err)
		return
	}
	a.told.Well = true
	a.keep(toldSetting, a.told)
}
