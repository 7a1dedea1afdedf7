package app

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/web"
)

// startServer starts the API, before anything is done that it should show.
func (a *App) startServer(ctx context.Context) error {
	cfg := web.Config{
		Listen: a.settings().Listen, Hosts: a.settings().Hosts, Proxy: a.settings().TLS.Proxy, Credentials: a.credentials,
		Ledger: liveLedger{a.ledger, a.runs}, Control: control{a}, Data: data{a}, Intake: &a.intake, Pool: poolControl{a}, Notify: notifier{a.notify}, Hub: a.hub, Cost: a.cost, ScoredBy: a.scoredBy,
		Views:   views{meterView{a}, spender{a}, newFleetView(a), objectView{a}, a.models, sensorView{a}, a.charts},
		Metrics: []prometheus.Collector{a.intake.meter(), newPoolMeter(a.pool), newNotifyMeter(a.notify.Status), a.monitor.Collector()},
		Backup:  a.backup,
		Probes: []web.Probe{
			{Name: "ledger", Check: a.ledger.Check},
			{Name: "store", Check: a.probeStore},
		},
		Version: a.opt.Version, Store: a.at.shown(), Log: a.log.With("system", "web"),
	}
	if a.tls != nil {
		cfg.TLS, cfg.Leaf = a.tls.Config("h2", "http/1.1"), a.tls.Leaf
	}
	server, err := web.New(cfg)
	if err != nil {
		return err
	}
	if err := server.Start(ctx); err != nil {
		return fmt.Errorf("%w; give another address with listen: or FLEETSCORE_LISTEN", err)
	}
	a.server = server
	return nil
}

// probeStore looks whether the store is the one it was, and can be written.
func (a *App) probeStore(ctx context.Context) error {
	if err := a.sameStore(); err != nil {
		return err
	}
	return run.TryStore(ctx, a.store)
}
