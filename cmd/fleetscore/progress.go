package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/fleetscore/fleetscore/score"
)

// How often progress is shown: on a terminal, and elsewhere.
const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 5 * time.Second
)

// showProgress shows p on w until the function it returns is called.
func showProgress(w io.Writer, mode string, p *score.Progress) (stop func()) {
	if mode == "none" {
		return func() {}
	}
	every, draw, end := lineEvery, func() { printLine(w, p) }, func() {}
	if mode == "auto" && isTerminal(w) {
		bar := newBar(w, p)
		every, draw, end = barEvery, bar.draw, bar.end
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				draw()
			case <-done:
				end()
				return
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func printLine(w io.Writer, p *score.Progress) {
	if p.Reading.Load() {
		fmt.Fprintf(w, "reading: %s of %s\n", size(p.BytesRead.Load()), size(p.BytesTotal.Load()))
		return
	}
	fmt.Fprintf(w, "scoring: %s of %s sensors, %s rows, %s anomalies, %s failed\n",
		withCommas(p.SensorsDone.Load()), withCommas(p.Sensors.Load()), withCommas(p.Rows.Load()),
		withCommas(p.Anomalies.Load()), withCommas(p.Failures.Load()))
}

func size(n int64) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// bar is progress on a terminal: one bar while reading, one while scoring.
type bar struct {
	progress *score.Progress
	mpb      *mpb.Progress
	reading  *mpb.Bar
	scoring  *mpb.Bar
	started  time.Time // when scoring was first seen
}

func newBar(w io.Writer, p *score.Progress) *bar {
	return &bar{progress: p, mpb: mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(barEvery))}
}

func (b *bar) draw() {
	if b.progress.Reading.Load() {
		b.drawReading()
		return
	}
	if b.progress.Sensors.Load() > 0 {
		b.drawScoring()
	}
}

func (b *bar) drawReading() {
	if b.reading == nil {
		b.reading = b.mpb.AddBar(0, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name("reading ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
				return " " + size(b.progress.BytesRead.Load()) + " of " + size(b.progress.BytesTotal.Load())
			})))
	}
	if total := b.progress.BytesTotal.Load(); total > 0 {
		b.reading.SetTotal(total, false)
		b.reading.SetCurrent(b.progress.BytesRead.Load())
	}
}

func (b *bar) drawScoring() {
	if b.scoring == nil {
		if b.reading != nil {
			b.reading.Abort(true)
		}
		b.started = time.Now()
		b.scoring = b.mpb.AddBar(b.progress.Sensors.Load(),
			mpb.PrependDecorators(decor.Name("scoring ")),
			mpb.AppendDecorators(decor.Any(b.facts)))
	}
	b.scoring.SetCurrent(b.progress.SensorsDone.Load())
}

// facts is what stands beside the bar.
func (b *bar) facts(decor.Statistics) string {
	p := b.progress
	done, all := p.SensorsDone.Load(), p.Sensors.Load()
	text := fmt.Sprintf(" %s of %s sensors · %s anomalies · %s failed",
		withCommas(done), withCommas(all), withCommas(p.Anomalies.Load()), withCommas(p.Failures.Load()))
	elapsed := time.Since(b.started)
	if elapsed < barEvery || done == 0 {
		return text // too early to tell how fast it is
	}
	left := time.Duration(float64(elapsed) * float64(all-done) / float64(done))
	return text + fmt.Sprintf(" · %s rows/s · %s left", withCommas(int64(float64(p.Rows.Load())/elapsed.Seconds())), round(left))
}

// end leaves the bar of the scoring on the screen, as far as it came, and nothing else.
func (b *bar) end() {
	if b.progress.Sensors.Load() > 0 {
		b.drawScoring()
		b.scoring.Abort(false)
	}
	if b.reading != nil {
		b.reading.Abort(true)
	}
	b.mpb.Wait()
}
