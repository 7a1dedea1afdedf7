package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newStream() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{Use: "stream", Short: "Show how readings come in and become windows"}
	cmd.AddCommand(&cobra.Command{
		Use:   "status",
		Short: "Show what was taken in, what was not and why, and how far windows and the archive are",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.StreamStatus, error) { return c.Stream(ctx) }, writeStream)
		},
	})
	a.flags(cmd)
	return cmd
}

func writeStream(w io.Writer, s *web.StreamStatus) error {
	fmt.Fprintf(w, "readings: %s taken in, %s waiting", withCommas(int64(s.Accepted)), withCommas(int64(s.Waiting)))
	if s.Failed > 0 {
		fmt.Fprintf(w, ", %s that could not be stored", withCommas(int64(s.Failed)))
	}
	fmt.Fprintln(w)
	if s.MQTT != "" {
		fmt.Fprintf(w, "mqtt: %s\n", s.MQTT)
	}
	for _, r := range s.Rejected {
		fmt.Fprintf(w, "not taken, by %s: %s %s\n", r.Source, withCommas(int64(r.Count)), r.Cause)
		for _, sample := range r.Samples {
			fmt.Fprintf(w, "  %s\n", visible(sample))
		}
	}
	fmt.Fprintln(w)
	err := table(w, "window · time of the stream · behind · windows · revisions · held · readings", func(row func(...any)) {
		for _, v := range s.Windows {
			row(v.Window, when(v.Time), behind(v.Behind, v.Lag), v.Emitted, v.Revisions, fmt.Sprintf("%d kB", v.Held/1000), byCause(v.Readings))
		}
	})
	for _, v := range s.Windows {
		for _, p := range v.Partitions {
			fmt.Fprintf(w, "%s, partition %d: %s\n", v.Window, p.Partition, visible(p.Failed+p.Trouble))
		}
	}
	if s.Archive != nil {
		writeArchive(w, s.Archive)
	}
	return err
}

func writeArchive(w io.Writer, a *web.ArchiveStatus) {
	fmt.Fprintf(w, "\narchive: %s readings in %s files of %d kB, %d kB held", withCommas(int64(a.Readings)), withCommas(int64(a.Files)), a.Bytes/1000, a.Held/1000)
	if !a.Oldest.IsZero() {
		fmt.Fprintf(w, " since %s", when(a.Oldest))
	}
	if a.Behind > 0 {
		fmt.Fprintf(w, ", %s behind", behind(a.Behind, a.Lag))
	}
	fmt.Fprintln(w)
	for _, p := range a.Partitions {
		fmt.Fprintf(w, "archive, partition %d: %s\n", p.Partition, visible(p.Failed+p.Trouble))
	}
}

// behind is how far windows are behind the stream.
func behind(partitions int, seconds float64) string {
	if partitions == 0 {
		return "0"
	}
	return (time.Duration(seconds * 1e9)).Round(time.Millisecond).String()
}

// byCause lists counts: 12 counted, 3 late.
func byCause(counts map[string]uint64) string {
	var parts []string
	for _, cause := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %s", withCommas(int64(counts[cause])), cause))
	}
	return strings.Join(parts, ", ")
}
