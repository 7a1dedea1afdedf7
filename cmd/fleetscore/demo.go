package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app/demo"
	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/simulate"
)

func newDemo() *cobra.Command {
	c := demo.Config{Devices: demo.MostDevices, Seed: 1}
	rate, anomalies := simulate.Rate(10), simulate.Share(0.04)
	var lasts config.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything at once: a simulated fleet, windows, runs, and the anomalies that they find",
		Long: `Start the service in a temporary folder, and a simulated fleet that sends it readings by MQTT. Windows of 5 seconds are
scored every 5 seconds, on nodes that come and go, each sensor by a model of its own that scikit-learn has
trained. Anomalies are planted in the fleet, and every few seconds it is told how many of them were found.

It needs nothing but this program. It listens on free ports of 127.0.0.1, and heeds no settings but its own. Ctrl-C ends
it, and removes the folder; --data keeps it, and 'fleetscore up --config DIR/fleetscore.yaml' goes on with what is there.`,
		Example: `  fleetscore demo
  fleetscore demo --for 1m --json
  fleetscore demo --data ./demo --listen 127.0.0.1:8321`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.Rate, c.Anomalies, c.For, c.Version = float64(rate), float64(anomalies), lasts.Std(), version()
			if err := c.Validate(); err != nil {
				return usageError{err}
			}
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("finding this program, which nodes run too: %w", err)
			}
			c.Command = []string{self, "node"}
			view := newDemoView(cmd, &c, asJSON)
			c.Started, c.Progress = view.started, view.progress
			state, err := demo.Run(cmd.Context(), c)
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(state)
			}
			view.end(state)
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.TextVar(&lasts, "for", lasts, "how long the fleet sends: a `duration`; 0s is until Ctrl-C")
	f.StringVar(&c.Dir, "data", "", "keep everything in this `folder`")
	f.StringVar(&c.Listen, "listen", "", "`address` of the API and the page (default a free port of 127.0.0.1)")
	f.IntVar(&c.Devices, "devices", c.Devices, "how many devices, of five sensors each")
	f.TextVar(&rate, "rate", rate, "readings of each sensor: a `rate` such as 10/s")
	f.TextVar(&anomalies, "anomalies", anomalies, "`share` of readings that are anomalous")
	f.Uint64Var(&c.Seed, "seed", c.Seed, "with another one, other things go wrong")
	f.BoolVar(&asJSON, "json", false, "print a summary as JSON at the end, and lines to standard error")
	cobra.CheckErr(cmd.MarkFlagDirname("data"))
	return cmd
}
