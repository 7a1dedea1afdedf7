package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/simulate"
	"github.com/fleetscore/fleetscore/web/client"
)

// loopback is a free port.
const loopback = "127.0.0.1:0"

// demo is one that runs.
type demo struct {
	config Config
	folder folder
	client *client.Client
	play   *simulate.Play
	tally  simulate.Tally
	truth  *os.File
	watch  *watch
	start  time.Time
}

// Run has a demo run until its time is over, or the context ends, which is no
// error. It gives how it went.
func Run(ctx context.Context, c Config) (state *State, err error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := &demo{config: c}
	if d.folder, err = openFolder(c.Dir); err != nil {
		return nil, fmt.Errorf("making the folder of the demo: %w", err)
	}
	defer func() { err = errors.Join(err, d.folder.close()) }()
	if err := unpackModels(filepath.Join(d.folder.at(storeName), "models"), c.Devices); err != nil {
		return nil, err
	}
	state, err = d.run(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return &State{}, nil // it was told to end before it had begun
	}
	return state, err
}

// run has the service and the fleet run.
func (d *demo) run(ctx context.Context) (state *State, err error) {
	log, err := os.Create(d.folder.at(logName))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	service, err := d.serve(ctx, log)
	if err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	defer func() { err = errors.Join(err, service.Close()) }() //nolint:contextcheck // closing does not end with the context
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	served, gone := context.WithCancel(ctx) // ends with the service too
	ended := make(chan error, 1)
	go func() {
		defer gone()
		ended <- service.Run(serving)
	}()
	state, err = d.show(served, service.URL())
	stop()
	return state, errors.Join(err, <-ended)
}

// serve opens the service, and has the settings say where it is.
func (d *demo) serve(ctx context.Context, log io.Writer) (*app.App, error) {
	if err := d.folder.writeSettings(cmp.Or(d.config.Listen, loopback), loopback); err != nil {
		return nil, err
	}
	// Variables of the environment are about somebody's own service.
	file, err := app.LoadSettingsWith(d.folder.at(settingsName), nil)
	if err != nil {
		return nil, err
	}
	return app.New(ctx, file, app.Options{
		ConfigPath: d.folder.at(settingsName), Command: d.config.Command, Version: d.config.Version,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
}
