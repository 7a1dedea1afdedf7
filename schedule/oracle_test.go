package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/internal/testkit/race"
)

// An oracle looks at a zone's clock at every minute, and remembers what it has
// shown. It knows nothing of go-cron, of offsets and of spells.
type oracle struct {
	minute, hour, weekday set
	repeats               bool
}

type set map[int]bool

// drawField draws a cron field and what it means.
func drawField(t *rapid.T, name string, limit int) (string, set) {
	all := set{}
	switch rapid.SampledFrom([]string{"star", "step", "list", "span"}).Draw(t, name) {
	case "star":
		for i := range limit {
			all[i] = true
		}
		return "*", all
	case "step":
		step := rapid.IntRange(2, limit/2).Draw(t, "step")
		for i := 0; i < limit; i += step {
			all[i] = true
		}
		return fmt.Sprintf("*/%d", step), all
	case "list":
		var texts []string
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, limit-1), 1, 4).Draw(t, "list") {
			all[n] = true
			texts = append(texts, fmt.Sprint(n))
		}
		return strings.Join(texts, ","), all
	default:
		from, to := rapid.IntRange(0, limit-1).Draw(t, "from"), rapid.IntRange(0, limit-1).Draw(t, "to")
		for i := from; ; i = (i + 1) % limit {
			all[i] = true
			if i == to {
				return fmt.Sprintf("%d-%d", from, to), all
			}
		}
	}
}

func (o oracle) matches(face time.Time) bool {
	return o.minute[face.Minute()] && o.hour[face.Hour()] && o.weekday[int(face.Weekday())]
}

// fires lists the nominal times in [from, to).
func (o oracle) fires(zone *time.Location, from, to time.Time) []time.Time {
	shown := map[time.Time]bool{}
	fires := set{}
	face := func(t time.Time) time.Time {
		l := t.In(zone)
		return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
	}
	previous := face(from.Add(-25 * time.Hour)).Add(-time.Minute)
	for t := from.Add(-25 * time.Hour); t.Before(to); t = t.Add(time.Minute) {
		f := face(t)
		for late, skipped := 0, previous.Add(time.Minute); skipped.Before(f); skipped = skipped.Add(time.Minute) {
			if o.matches(skipped) {
				fires[int(t.Unix())+late] = true
			}
			late += 60
		}
		if o.matches(f) && (o.repeats || !shown[f]) {
			fires[int(t.Unix())] = true
		}
		shown[f], previous = true, f
	}
	var all []time.Time
	for at := range fires {
		if t := time.Unix(int64(at), 0).UTC(); !t.Before(from) && t.Before(to) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

func zones() []string {
	return []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu",
		"Africa/Cairo", "America/Havana", "America/Santiago", "Pacific/Apia", "America/St_Johns", "Antarctica/Troll",
	}
}

// TestOracle compares the days around changes of clocks, and others, of the years
// 1980 to 2100, with what the oracle saw.
func TestOracle(t *testing.T) {
	race.Alone(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones()).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		around := time.Unix(rapid.Int64Range(utc("1980-01-01 00:00:00").Unix(), utc("2100-01-01 00:00:00").Unix()).Draw(t, "day"), 0).In(zone)
		if _, end := around.ZoneBounds(); !end.IsZero() && rapid.IntRange(0, 9).Draw(t, "change") > 0 {
			around = end
		}
		from := around.UTC().Truncate(time.Minute).Add(-40 * time.Hour)
		to := from.Add(80 * time.Hour)

		minute, minutes := drawField(t, "minute", 60)
		hour, hours := drawField(t, "hour", 24)
		weekday, weekdays := drawField(t, "weekday", 7)
		o := oracle{minutes, hours, weekdays, minute[0] == '*' || hour[0] == '*' || len(hours) == 24}
		p, err := Parse(Spec{Schedule: minute + " " + hour + " * * " + weekday, Zone: name})
		if err != nil {
			t.Fatal(err)
		}
		got, want := nominals(p, from.Add(-time.Nanosecond), to.Add(-time.Second)), o.fires(zone, from, to)
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s %s * * %s in %s from %s:\n got %v\nwant %v", minute, hour, weekday, name, from, got, want)
		}
		for i := range got {
			if i > 0 && !last(p.table, got[i]).Equal(got[i-1]) {
				t.Fatalf("before %s comes %s, not %s", got[i], last(p.table, got[i]), got[i-1])
			}
		}
	})
}
