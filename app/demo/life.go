package demo

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/fleetscore/fleetscore/simulate"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

const (
	// patience is how long, at the end, the last windows may take to be scored, and the
	// last messages to be acknowledged.
	patience = 20 * time.Second
	endEvery = 500 * time.Millisecond
)

// show lets the fleet live, and watches.
func (d *demo) show(ctx context.Context, api string) (*State, error) {
	var err error
	if d.client, err = client.New(api, ""); err != nil {
		return nil, err
	}
	defer d.client.Close()
	stream, err := d.client.Stream(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.folder.writeSettings(d.client.URL()[len("http://"):], stream.MQTT); err != nil {
		return nil, err
	}
	if d.truth, err = os.OpenFile(d.folder.at(truthName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return nil, err
	}
	defer d.truth.Close()
	if err := d.populate(stream); err != nil { //nolint:contextcheck // a sender lives until it is closed
		return nil, err
	}
	if d.config.Started != nil {
		d.config.Started(Place{
			Dir: d.folder.path, Kept: d.folder.kept, Settings: d.folder.at(settingsName), Log: d.folder.at(logName),
			API: d.client.URL(), MQTT: "mqtt://" + stream.MQTT, Example: d.play.Fleet.Config().Sensor(0),
		})
	}
	living, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan error, 1)
	go func() { over <- d.live(living) }()
	if err := d.follow(ctx, over); err != nil {
		return nil, err
	}
	return d.watch.state(time.Now()), nil
}

// populate makes the fleet.
func (d *demo) populate(stream *web.StreamStatus) error {
	d.start = time.Now()
	f, err := d.config.fleet(d.start)
	if err != nil {
		return err
	}
	sender, err := simulate.NewSender(simulate.Target{URL: "mqtt://" + stream.MQTT}, &d.tally)
	if err != nil {
		return err
	}
	d.play = &simulate.Play{Fleet: f, Sender: sender, Planted: func(all []simulate.Truth) error {
		d.watch.judge.plant(all)
		return simulate.WriteTruth(d.truth, all)
	}}
	if d.config.For > 0 {
		d.play.Until = d.start.Add(d.config.For)
	}
	d.watch = &watch{
		client: d.client, tally: &d.tally, judge: newJudge(d.start), before: windowsOf(stream), windows: windowsOf(stream),
		start: d.start, sensors: d.config.Devices * Tags,
	}
	return nil
}

// live lets the fleet live until its time is over or it is told to end.
func (d *demo) live(ctx context.Context) error {
	err := d.play.Run(ctx)
	if ctx.Err() != nil {
		err = nil
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return errors.Join(err, simulate.Finish(grace, d.play.Sender))
}

// follow watches until the fleet's life is over, and what it did is judged.
func (d *demo) follow(ctx context.Context, over <-chan error) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	runs, told := 0, d.start
	for {
		select {
		case now := <-tick.C:
			if err := d.watch.look(ctx, now); err != nil && ctx.Err() == nil {
				return err
			}
			if len(d.watch.runs) > runs || now.Sub(told) > tellEvery {
				runs, told = len(d.watch.runs), now
				d.tell(now)
			}
		case err := <-over:
			if err != nil {
				return err
			}
			return d.end(ctx)
		}
	}
}

// end waits for the last windows to be scored, unless it is told to end, and looks
// once more.
func (d *demo) end(ctx context.Context) error {
	stopped := d.play.At()
	d.watch.judge.stop(stopped)
	waiting, stop := context.WithTimeout(ctx, patience)
	defer stop()
	tick := time.NewTicker(endEvery)
	defer tick.Stop()
	for !d.watch.judge.knows(stopped) && waiting.Err() == nil {
		select {
		case <-tick.C:
			if err := d.watch.look(waiting, time.Now()); err != nil && waiting.Err() == nil {
				return err
			}
		case <-waiting.Done():
		}
	}
	return d.watch.look(context.WithoutCancel(ctx), time.Now())
}

// tell tells what was seen last.
func (d *demo) tell(now time.Time) {
	if d.config.Progress != nil {
		d.config.Progress(d.watch.state(now))
	}
}
