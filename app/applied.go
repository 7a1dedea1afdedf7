package app

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
)

// inEffect lists the settings that differ and count at once, but for those of jobs.
func inEffect(a, b *config.File) []string {
	return differ(map[string]bool{
		"pool.formula": a.Pool.Formula == b.Pool.Formula, "pool.min": a.Pool.Min == b.Pool.Min, "pool.max": a.Pool.Max == b.Pool.Max,
		"retention": a.Retention == b.Retention, "prices": a.Prices == b.Prices,
	})
}

// needRestart lists the settings that differ and are read at the start only.
func needRestart(a, b *config.File) []string {
	return differ(map[string]bool{
		"store": a.Store == b.Store, "data": a.Data == b.Data, "database": a.Database == b.Database, "partitions": a.Partitions == b.Partitions,
		"listen": a.Listen == b.Listen, "hosts": reflect.DeepEqual(a.Hosts, b.Hosts), "tls": a.TLS == b.TLS, "pool": a.Pool.Idle == b.Pool.Idle && a.Pool.Memory == b.Pool.Memory, "log": a.Log == b.Log, "telemetry": a.Telemetry == b.Telemetry,
		"windows": reflect.DeepEqual(a.Windows, b.Windows), "ingest": a.Ingest == b.Ingest, "stream": a.Stream == b.Stream,
		"notify": reflect.DeepEqual(a.Notify, b.Notify),
	})
}

// differ lists, in order, what is not the same.
func differ(same map[string]bool) []string {
	var names []string
	for name, is := range same {
		if !is {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// planPool finds out what new settings make of the pool, tells the report, and returns
// what does it. Settings that what was set by command does not go with are refused.
func (a *App) planPool(ctx context.Context, next *config.File, report *web.ApplyReport) (func() error, error) {
	o, err := a.overrides(ctx)
	if err != nil {
		return nil, err
	}
	before, s := a.pool.Settings(), o.over(poolSettings(next))
	if err := s.Validate(); err != nil {
		return nil, config.Problems{{File: next.Path, Setting: "pool", Message: fmt.Sprintf("with what was set by command (%v): %v; fleetscore pool set --reset takes that back", o.names(), err)}}
	}
	report.Settings = slices.DeleteFunc(report.Settings, func(name string) bool {
		overridden := slices.ContainsFunc(o.names(), func(set string) bool { return name == "pool."+set })
		if overridden {
			report.Warnings = append(report.Warnings, name+": another was set by command; fleetscore pool set --reset takes that back")
		}
		return overridden
	})
	if s == before {
		return func() error { return nil }, nil
	}
	report.Pool = &web.PoolMove{Before: a.toldNow(o), After: told(s, o)}
	return func() error { return a.pool.Set(s) }, nil
}

// noteReload writes to the audit trail what a signal has changed. It has: that the trail
// cannot be written does not undo it.
func (a *App) noteReload(ctx context.Context, report *web.ApplyReport, failed error) {
	detail := report.Detail()
	if failed != nil {
		detail += "; it failed, and may have been done in part"
	}
	e := ledger.Entry{Time: time.Now().UTC(), Who: "SIGHUP", Action: "config.apply", Detail: detail}
	if err := a.ledger.Note(context.WithoutCancel(ctx), e); err != nil {
		a.log.Error("the audit trail cannot be written", "error", err, "who", e.Who, "action", e.Action)
	}
}
