package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/simulate"
)

// settleFor is how long a simulation waits, at its end, for what is not acknowledged.
const settleFor = 15 * time.Second

func newSimulate() *cobra.Command {
	s := simulation{
		rate: 1, length: config.Duration(time.Minute), lateBy: config.Duration(10 * time.Minute),
		config: simulate.Config{Devices: 1000, Tags: 5, Seed: 1}, target: simulate.Target{Protocol: 3},
	}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Send what a fleet would, with anomalies that are known",
		Long: `Send readings of a fleet that does not exist: with daily cycles, noise and drift, and, as far as they are asked for,
late and doubled messages, outages with a backlog, wrong clocks and anomalies. What was planted is written to --truth
(NDJSON), and what became of each message to --record (see the documentation of the package simulate), so that a
service can be judged by it. The same seed and times give the same readings.

A message is sent again until it is acknowledged: where nobody answers, it waits for as long as that takes. The token is FLEETSCORE_TOKEN or, by HTTP, that of the service on this
machine. Ctrl-C ends it, and waits up to 15 seconds for what is not acknowledged.

Exit status: 0 all was acknowledged; 1 could not run; 2 wrong usage; 3 something was rejected or has no answer, or was never sent.`,
		Example: `  fleetscore simulate --devices 1000 --tags 5 --rate 1/s --anomalies 0.1% --late 2% --to mqtt://127.0.0.1:1883
  fleetscore simulate --back 2h --truth truth.ndjson --to http://127.0.0.1:8321
  fleetscore simulate --devices 4 --tags 3 --rate 1/m --back 14d --to - > readings.ndjson`,
		Args: cobra.NoArgs,
		RunE: s.run,
	}
	s.flags(cmd)
	return cmd
}

// simulation is what the command is told.
type simulation struct {
	config                                            simulate.Config
	target                                            simulate.Target
	rate                                              simulate.Rate
	anomalies, late, duplicates, outages, wrongClocks simulate.Share
	length, lateBy, lasts, back                       config.Duration
	kinds                                             []string
	settings, truth, record                           string
	json                                              bool
}

func (s *simulation) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&s.target.URL, "to", "", "where to send: mqtt://, mqtts://, http:// or https:// and an `address`; - prints")
	f.IntVar(&s.config.Devices, "devices", s.config.Devices, "how many devices")
	f.IntVar(&s.config.Tags, "tags", s.config.Tags, "tags of each")
	f.TextVar(&s.rate, "rate", s.rate, "readings of each sensor: a `rate` such as 1/s or 6/m")
	f.TextVar(&s.lasts, "for", s.lasts, "how long, from now on: a `duration`; 0s is until Ctrl-C or, with --back, not at all")
	f.TextVar(&s.back, "back", s.back, "begin this `duration` ago, and send what is past as fast as it is taken")
	f.Uint64Var(&s.config.Seed, "seed", s.config.Seed, "another one is another fleet")
	f.StringVar(&s.config.Prefix, "prefix", "device-", "what names of devices begin with")
	f.TextVar(&s.anomalies, "anomalies", s.anomalies, "`share` of readings that are anomalous")
	f.TextVar(&s.length, "anomaly-length", s.length, "scale of their lengths, best that of a window: a `duration`")
	f.StringSliceVar(&s.kinds, "anomaly-kinds", nil, "`kinds` of them: spike, shift, flat, drift (default all)")
	f.TextVar(&s.late, "late", s.late, "`share` of messages that are late")
	f.TextVar(&s.lateBy, "late-by", s.lateBy, "by how much at most: a `duration`")
	f.TextVar(&s.duplicates, "duplicates", s.duplicates, "`share` of messages that come twice")
	f.TextVar(&s.outages, "outages", s.outages, "`share` of time that devices are cut off, to send afterwards")
	f.TextVar(&s.wrongClocks, "wrong-clocks", s.wrongClocks, "`share` of devices whose clock is wrong")
	f.StringVar(&s.truth, "truth", "", "write what is planted to this `file`")
	f.StringVar(&s.record, "record", "", "write what became of each message to this `file`")
	f.IntVar(&s.target.Connections, "connections", 0, "how many (default 10 by MQTT, 4 by HTTP)")
	f.BoolVar(&s.target.Gzip, "gzip", false, "compress, by HTTP")
	f.IntVar(&s.target.Protocol, "mqtt-version", s.target.Protocol, "3 (that is 3.1.1) or 5")
	f.BoolVar(&s.json, "json", false, "print the summary as JSON")
	addConfigFlag(cmd, &s.settings)
}

// fleet is what the flags ask for, which begins some time before now.
func (s *simulation) fleet(now time.Time) (*simulate.Fleet, error) {
	c := &s.config
	c.Rate, c.Anomalies, c.Late, c.Duplicates = float64(s.rate), float64(s.anomalies), float64(s.late), float64(s.duplicates)
	c.Outages, c.WrongClocks = float64(s.outages), float64(s.wrongClocks)
	c.AnomalyLength, c.LateBy = s.length.Std(), s.lateBy.Std()
	c.Start = now.Add(-s.back.Std()).Truncate(time.Millisecond)
	for _, k := range s.kinds {
		c.Kinds = append(c.Kinds, simulate.Kind(k))
	}
	f, err := simulate.New(*c)
	if err != nil {
		return nil, usageError{fmt.Errorf("there is no such fleet:\n  %s", strings.ReplaceAll(err.Error(), "\n", "\n  "))}
	}
	return f, nil
}

// token is the one for the service, if there is one.
func (s *simulation) token() (string, error) {
	if !strings.HasPrefix(s.target.URL, "http") {
		return os.Getenv("FLEETSCORE_TOKEN"), nil
	}
	at, err := app.Reach(s.settings, s.target.URL)
	return at.Token, err
}

func (s *simulation) run(cmd *cobra.Command, _ []string) (err error) {
	if s.target.URL == "" {
		return usageError{errors.New("--to: is needed")}
	}
	now := time.Now()
	fleet, err := s.fleet(now)
	if err != nil {
		return err
	}
	if s.target.Token, err = s.token(); err != nil {
		return err
	}
	s.target.Output = cmd.OutOrStdout()
	tally := &simulate.Tally{}
	sender, err := simulate.NewSender(s.target, tally)
	if err != nil {
		return usageError{fmt.Errorf("--to: %w", err)}
	}
	files := simulationFiles{}
	defer func() { err = errors.Join(err, files.close()) }()
	if err := files.open(s.truth, s.record, fleet.Config()); err != nil {
		return errors.Join(err, sender.Close(cmd.Context()))
	}
	tally.Keep(files.record)
	play := &simulate.Play{Fleet: fleet, Sender: sender, Planted: files.plant}
	if s.lasts > 0 || s.back > 0 {
		play.Until = now.Add(s.lasts.Std())
	}
	stop := showSimulation(cmd.ErrOrStderr(), play, tally)
	err = s.play(cmd.Context(), play)
	stop()
	out := newSimulated(fleet.Config(), tally.Counts(), &files, time.Since(now))
	w := cmd.OutOrStdout()
	if s.target.URL == "-" {
		w = cmd.ErrOrStderr()
	}
	if err := errors.Join(err, tally.Flush(), out.write(w, s.json)); err != nil {
		return err
	}
	if n := out.Rejected + out.Unanswered + out.Unsent; n > 0 {
		return failedError{fmt.Errorf("%s not acknowledged", plural(int(min(n, math.MaxInt32)), "message"))}
	}
	return nil
}

// play sends until it is time, and waits for answers. An interrupt is an end like
// another.
func (s *simulation) play(ctx context.Context, p *simulate.Play) error {
	err := p.Run(ctx)
	if ctx.Err() != nil {
		err = nil
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	if closed := simulate.Finish(grace, p.Sender); err == nil {
		err = closed
	}
	return err
}
