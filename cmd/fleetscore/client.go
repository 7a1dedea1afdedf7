package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

// api is how a command reaches the service.
type api struct {
	config, url string
	json        bool
}

// flags adds what commands that ask the service have in common.
func (a *api) flags(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	f.StringVar(&a.config, "config", "", "the settings, which say where the service is (default fleetscore.yaml, if it is there)")
	f.StringVar(&a.url, "url", "", "address of the service (default FLEETSCORE_URL, or that of the settings)")
	f.BoolVar(&a.json, "json", false, "print JSON, as the API gives it")
	cobra.CheckErr(cmd.MarkPersistentFlagFilename("config", "yaml", "yml"))
}

func (a *api) connect() (*client.Client, error) {
	at, err := app.Reach(a.config, a.url)
	if err != nil {
		return nil, err
	}
	return client.NewTLS(at.URL, at.Token, at.TLS)
}

// table writes rows under a header.
func table(w io.Writer, header string, rows func(row func(cells ...any))) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.ReplaceAll(header, " · ", "\t"))
	rows(func(cells ...any) {
		texts := make([]string, len(cells))
		for i, c := range cells {
			if texts[i] = visible(fmt.Sprint(c)); texts[i] == "" {
				texts[i] = "-"
			}
		}
		fmt.Fprintln(t, strings.Join(texts, "\t"))
	})
	return t.Flush()
}

// when writes a time for people.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// between writes how long it was from one time to another, or is by now.
func between(from, to time.Time) string {
	if from.IsZero() {
		return ""
	}
	if to.IsZero() {
		to = time.Now()
	}
	d := to.Sub(from)
	if d < 10*time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// span writes an interval: when it begins, and how long it is.
func span(i fleet.Interval) string {
	length := i.Length().String()
	if short, ok := strings.CutSuffix(length, "m0s"); ok {
		length = strings.TrimSuffix(short+"m", "h0m")
		if length != short+"m" {
			length += "h"
		}
	}
	return when(i.From) + " +" + length
}

// parseInterval reads when an interval begins, or both its ends: FROM/TO.
func parseInterval(text string) (*web.IntervalRequest, error) {
	from, to, both := strings.Cut(text, "/")
	var i web.IntervalRequest
	var err error
	if i.From, err = parseWhen(from); err != nil {
		return nil, err
	}
	if both {
		i.To, err = parseWhen(to)
	}
	return &i, err
}

// parseWhen reads a time as users write it.
func parseWhen(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02T15", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("%q is not a time such as 2026-11-23T13:00Z", text)}
}
