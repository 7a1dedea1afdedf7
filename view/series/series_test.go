package series_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/view/series"
)

func TestOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := time.Unix(1_800_000_000, 0).UTC()
		var windows []series.Window
		var count int64
		low, gaps := math.Inf(1), 0
		at := 0
		for range rapid.IntRange(0, 300).Draw(t, "windows") {
			skip := 0
			if rapid.IntRange(0, 30).Draw(t, "gap") == 0 && len(windows) > 1 {
				skip = rapid.IntRange(1, 9).Draw(t, "skip")
				gaps++
			}
			at += 1 + skip
			w := series.Window{Start: begin.Add(time.Duration(at) * time.Minute), End: begin.Add(time.Duration(at+1) * time.Minute), Count: rapid.Int64Range(1, 9).Draw(t, "count"), Mean: rapid.Float64Range(-5, 5).Draw(t, "mean")}
			w.Min, w.Max = w.Mean-1, w.Mean+1
			windows = append(windows, w)
			count, low = count+w.Count, min(low, w.Min)
		}
		points := rapid.IntRange(1, 400).Draw(t, "points")
		l := series.Of(windows, points)
		var sum int64
		least := math.Inf(1)
		for i := range l.Start {
			sum += l.Count[i]
			least = min(least, *l.Min[i])
			if *l.Mean[i] < *l.Min[i] || *l.Mean[i] > *l.Max[i] || i > 0 && l.Start[i] <= l.Start[i-1] {
				t.Fatalf("point %d of %+v", i, l)
			}
		}
		if sum != count || least != low || len(l.Start) > points || l.Windows != len(windows) || len(l.Gaps) != gaps {
			t.Fatalf("%d of %d readings, %d points of %d, %d gaps of %d", sum, count, len(l.Start), points, len(l.Gaps), gaps)
		}
		if len(windows) > 0 && len(windows) <= points && gaps == 0 && len(l.Start) != len(windows) {
			t.Fatalf("%d windows became %d points of %d", len(windows), len(l.Start), points)
		}
	})
}

func TestNoNumbers(t *testing.T) {
	t.Parallel()
	l := series.Of([]series.Window{{End: time.Unix(60, 0), Mean: math.NaN(), Rev: 2, Open: true}}, 10)
	if l.Mean[0] != nil || l.Min[0] != nil || l.Revised != 1 || len(l.Open) != 1 {
		t.Errorf("%+v", l)
	}
}
