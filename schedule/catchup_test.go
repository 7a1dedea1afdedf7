package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/internal/testkit/race"
)

func drawSpec(t *rapid.T) Spec {
	spec := Spec{
		Schedule: rapid.SampledFrom([]string{
			"@every 10s", "@every 7m", "@hourly", "@daily", "*/15 * * * *", "30 2 * * *", "0 */2 * * *", "15,45 1-3 * * *", "20 0 6 * * MON-FRI", "0 0 L * *",
		}).Draw(t, "schedule"),
		Zone:     rapid.SampledFrom(zones()).Draw(t, "zone"),
		Interval: rapid.SampledFrom([]time.Duration{0, 0, time.Hour, 10 * time.Second}).Draw(t, "interval"),
		Delay:    rapid.SampledFrom([]time.Duration{0, 0, 2 * time.Minute, 26 * time.Hour, 1500 * time.Millisecond}).Draw(t, "delay"),
		CatchUp:  rapid.SampledFrom([]string{CatchUpAll, CatchUpLatest, CatchUpNone}).Draw(t, "catch-up"),
	}
	if _, err := Parse(spec); err != nil {
		spec.Interval = 0 // it is longer than the schedule's step
	}
	return spec
}

// TestChanged: under another schedule, the first interval begins where the last ended.
func TestChanged(t *testing.T) {
	for _, catchUp := range []string{CatchUpAll, CatchUpLatest} {
		p, err := Parse(Spec{Schedule: "@daily", CatchUp: catchUp})
		if err != nil {
			t.Fatal(err)
		}
		fires, _, _ := p.Due(utc("2026-11-23 13:00:00"), utc("2026-11-24 00:00:00"))
		if len(fires) != 1 || fires[0].Interval.String() != "2026-11-23T13:00:00Z/2026-11-24T00:00:00Z" {
			t.Errorf("%s: after an hourly schedule that got to 13:00, %v", catchUp, fires)
		}
	}
}

// TestDue has a clock that goes on by all sorts of steps and jumps back, and checks
// what becomes of every nominal time.
func TestDue(t *testing.T) {
	race.Alone(t)
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(utc("2026-01-01 00:00:00").Unix(), utc("2027-01-01 00:00:00").Unix()).Draw(t, "start"), 0).UTC()
		fires, cursor, skipped := p.Due(time.Time{}, now)
		if len(fires) > 0 || skipped > 0 {
			t.Fatalf("a first start fires %v and skips %d", fires, skipped)
		}
		if first := p.Next(now); !p.table.next(cursor).Equal(first.Nominal) || !first.At.After(now) {
			t.Fatalf("after the cursor %s does not come %v", cursor, first)
		}
		latest := now
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.OneOf(rapid.Int64Range(0, 120), rapid.Int64Range(-10_000, 50_000), rapid.Int64Range(0, 1_000_000)).Draw(t, "step")) * time.Second)
			if now.After(latest) {
				latest = now
			}
			want := nominals(p, cursor, now.Add(-spec.Delay))
			fires, moved, skipped := p.Due(cursor, now)
			switch {
			case len(want) == 0:
				if len(fires) > 0 || skipped > 0 || !moved.Equal(cursor) {
					t.Fatalf("nothing is due, but %v, %d, %s", fires, skipped, moved)
				}
				continue
			case spec.CatchUp == CatchUpAll:
				if len(want) > MaxFires {
					want = want[:MaxFires]
				}
				if skipped > 0 || len(fires) != len(want) {
					t.Fatalf("%d of %d are fired, %d skipped", len(fires), len(want), skipped)
				}
			case len(fires)+skipped != min(len(want), MaxFires+1) || len(fires) > 1:
				t.Fatalf("of %d are %d fired and %d skipped", len(want), len(fires), skipped)
			case len(fires) == 0:
				if at := want[len(want)-1].Add(spec.Delay); spec.CatchUp == CatchUpLatest || now.Sub(at) <= time.Minute {
					t.Fatalf("at %s that of %s is not fired", now, at)
				}
			default:
				if spec.CatchUp == CatchUpNone && now.Sub(fires[0].At) > time.Minute {
					t.Fatalf("at %s is fired %v", now, fires[0])
				}
				want = want[len(want)-1:]
			}
			if !moved.Equal(want[len(want)-1]) {
				t.Fatalf("the cursor is %s, not %s", moved, want[len(want)-1])
			}
			for i, f := range fires {
				if !f.Nominal.Equal(want[i]) || !f.Interval.To.Equal(want[i]) || f.At.After(now) || f.At.Sub(f.Nominal) != spec.Delay {
					t.Fatalf("fire %d at %s is %v, not of %s", i, now, f, want[i])
				}
				if spec.Interval > 0 && f.Interval.Length() != spec.Interval || spec.Interval == 0 && !f.Interval.From.Equal(last(p.table, f.Nominal)) {
					t.Fatalf("%v is not its interval", f)
				}
			}
			cursor = moved
		}
	})
}

// TestIntervals compares a backfill with what the schedule fires.
func TestIntervals(t *testing.T) {
	race.Alone(t)
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		p, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(utc("2026-01-01 00:00:00").Unix(), utc("2027-01-01 00:00:00").Unix()).Draw(t, "from"), rapid.Int64Range(0, 1).Draw(t, "fraction"))
		to := from.Add(time.Duration(rapid.Int64Range(-100, 900_000).Draw(t, "length")) * time.Second)
		var want []Fire
		for f := p.Next(from.Add(-time.Hour)); f.Interval.From.Before(to); f = p.Next(f.At) {
			if !f.Interval.From.Before(from) {
				want = append(want, f)
			}
		}
		got, err := p.Intervals(from, to)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d, not %d: %v", len(got), len(want), err)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%v, not %v", got[i], want[i])
			}
		}
	})
	p := mustParse(t, Spec{Schedule: "@every 1s"})
	if all, err := p.Intervals(utc("2026-01-01 00:00:00"), utc("2026-01-02 03:46:40")); err != nil || len(all) != MaxIntervals {
		t.Errorf("%d: %v", len(all), err)
	}
	if _, err := p.Intervals(utc("2026-01-01 00:00:00"), utc("2026-01-02 03:46:41")); err == nil {
		t.Error("no error for too many intervals")
	}
	if _, err := p.Intervals(time.Time{}, utc("2026-01-02 03:46:41")); err == nil {
		t.Error("no error for the year 1")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"0 * * * *", "*/10 30 2 * * *", "@every 10s", "@every 1h30m", "@weekly", "0 0 29 2 MON", "0 0 L-2,15W,LW * FRI#2,MON#L", "5-1/2 22-3 31-2 NOV-feb SAT-SUN", ",,, - / * ?",
	} {
		for _, zone := range []string{"", "Europe/Berlin", "Australia/Lord_Howe"} {
			f.Add(s, zone, int64(0), int64(0), "all", int64(1_790_000_000))
			f.Add(s, zone, int64(time.Hour), int64(time.Minute), "latest", int64(4_100_000_000))
		}
	}
	f.Fuzz(func(t *testing.T, schedule, zone string, interval, delay int64, catchUp string, unix int64) {
		spec := Spec{Schedule: schedule, Zone: zone, Interval: time.Duration(interval), Delay: time.Duration(delay), CatchUp: catchUp}
		p, err := Parse(spec)
		if err != nil {
			return
		}
		const years70 = 70 * 365 * 24 * 3600
		now := time.Unix(utc("2030-01-01 00:00:00").Unix()+unix%years70, 0)
		before := p.Next(now)
		_, cursor, _ := p.Due(time.Time{}, now)
		for range 10 {
			next := p.Next(before.At)
			if next.Nominal.Before(before.Nominal.Add(time.Second)) || next.Interval.To != next.Nominal || !next.Interval.From.Before(next.Interval.To) {
				t.Fatalf("%+v: after %v comes %v", spec, before, next)
			}
			if spec.Interval == 0 && next.Interval.From != before.Nominal {
				t.Fatalf("%+v: a gap or an overlap of %v and %v", spec, before, next)
			}
			before = next
		}
		fires, moved, skipped := p.Due(cursor, before.At)
		if len(fires)+skipped != 11 || moved != before.Nominal {
			t.Fatalf("%+v: of 11 are %d fired and %d skipped", spec, len(fires), skipped)
		}
	})
}
