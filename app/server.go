package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/web"
)

// startServer starts the API, before anything is done that it should show.
func (a *App) startServer(ctx context.Context, state string) error {
	tokens, err := tokens(state)
	if err != nil {
		return err
	}
	server, err := web.New(web.Config{
		Listen: a.settings().Listen, Tokens: tokens,
		Ledger: liveLedger{a.ledger, a.runs}, Control: control{a}, Data: data{a}, Intake: &a.intake, Pool: poolControl{a}, Hub: a.hub, Cost: a.cost,
		Metrics: []prometheus.Collector{a.intake.meter(), newPoolMeter(a.pool), a.monitor.Collector()},
		Probes: []web.Probe{
			{Name: "ledger", Check: a.ledger.Check},
			{Name: "store", Check: a.probeStore},
		},
		Version: a.opt.Version, Store: a.at.shown(), Log: a.log.With("system", "web"),
	})
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

// tokenName is the file with the administrator's token, where the CLI finds it.
const tokenName = "token"

// tokens are those of the API: the one in the state's folder, which is made if it
// is not there, and FLEETSCORE_TOKEN, if that is set.
func tokens(state string) (*web.Tokens, error) {
	path := filepath.Join(state, tokenName)
	secret, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret, _ = web.NewToken("admin", web.Admin)
		err = writeWhole(state, tokenName, secret)
	}
	if err != nil {
		return nil, fmt.Errorf("the token of the API: %w", err)
	}
	token, err := web.TokenOf("admin", web.Admin, secret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; delete the file, and another is made", path, err)
	}
	list := []web.Token{token}
	if given := os.Getenv("FLEETSCORE_TOKEN"); given != "" && given != secret {
		token, err := web.TokenOf("environment", web.Admin, given)
		if err != nil {
			return nil, fmt.Errorf("FLEETSCORE_TOKEN: %w", err)
		}
		list = append(list, token)
	}
	return web.NewTokens(list...), nil
}

// readSecret reads a token, and refuses one that others may read too.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others (mode %o); chmod 600 it, or delete it and another is made", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}

// writeWhole writes a line to a file for its owner alone, whole or not at all.
func writeWhole(folder, name, line string) error {
	file, err := os.CreateTemp(folder, name+"-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString(line + "\n")
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(folder, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
