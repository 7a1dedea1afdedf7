package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// The marks in RESULTS.md between which the measurements stand.
const (
	beginMark = "<!-- measured by make bench: what is between these marks is written anew -->"
	endMark   = "<!-- end of what make bench measured -->"
)

// report writes what was measured.
func (b *bench) report() error {
	text := b.markdown()
	fmt.Println(text)
	if b.quick || b.only.String() != "" {
		return nil
	}
	const results = "bench/RESULTS.md"
	old, err := os.ReadFile(results)
	if err != nil {
		return err
	}
	updated, err := between(old, text)
	if err != nil {
		return err
	}
	if err := os.WriteFile(results, updated, 0o644); err != nil {
		return err
	}
	return b.writeJSON("bench/results.json")
}

// between puts text between the marks.
func between(old []byte, text string) ([]byte, error) {
	begin, end := bytes.Index(old, []byte(beginMark)), bytes.Index(old, []byte(endMark))
	if begin < 0 || end < begin {
		return nil, errors.New("RESULTS.md has no marks to write between")
	}
	updated := slices.Concat(old[:begin+len(beginMark)], []byte("\n"+text+"\n"), old[end:])
	return updated, nil
}

// markdown is the measurements as tables.
func (b *bench) markdown() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s, %d cores, %s, %s; %s.\nMedians of %d rounds in turns (least to greatest); a ratio is how often as fast as the peer.\n",
		processor(), runtime.NumCPU(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, b.versions, b.rounds)
	for i := 0; i < len(b.results); {
		n := i
		for n < len(b.results) && b.results[n].Measure == b.results[i].Measure {
			n++
		}
		group := b.results[i:n]
		fmt.Fprintf(&s, "\n**%s**\n\n| | per %s | least to greatest | ratio | aim | peak memory |\n|-|-|-|-|-|-|\n", group[0].Measure, group[0].Per)
		for _, r := range group {
			s.WriteString(r.row(group))
		}
		i = n
	}
	return s.String()
}

// row is one contestant's line of the table of group.
func (r result) row(group []result) string {
	ratio, aim, memory, note := "", "", "", ""
	if peer := slices.IndexFunc(group, func(p result) bool { return p.Contestant == r.Peer }); peer >= 0 {
		times := median(group[peer].Seconds) / median(r.Seconds)
		ratio = fmt.Sprintf("**%.3g×**", times)
		if r.Target > 0 {
			aim = fmt.Sprintf("%g×", r.Target)
			if times < r.Target {
				aim += ", missed"
			}
		}
	}
	if r.Memory > 0 {
		memory = fmt.Sprintf("%.0f MB", r.Memory)
	}
	if r.Note != "" {
		note = " (" + r.Note + ")"
	}
	return fmt.Sprintf("| %s%s | %s | %s to %s | %s | %s | %s |\n", r.Contestant, note, duration(median(r.Seconds)),
		duration(slices.Min(r.Seconds)), duration(slices.Max(r.Seconds)), ratio, aim, memory)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// duration writes seconds with three digits.
func duration(seconds float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}} {
		if seconds >= unit.size {
			return fmt.Sprintf("%.3g %s", seconds/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.3g ns", seconds*1e9)
}

// processor is the name of the processor, where the system tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
