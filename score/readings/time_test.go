package readings

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

func newClock() *clock { return &clock{table: new(formTable)} }

// stampOf reads text, gives back the instant and whether the text is to be kept,
// and checks that it comes back otherwise.
func stampOf(t testing.TB, c *clock, text string) (ns int64, kept bool, f fault) {
	t.Helper()
	st, f := c.read([]byte(text))
	if f != noFault {
		return 0, false, f
	}
	if st.form == keptForm {
		return st.ns, true, noFault
	}
	if back := c.table.forms[st.form].append(nil, st.ns); string(back) != text {
		t.Errorf("%q comes back as %q", text, back)
	}
	return st.ns, false, noFault
}

func TestTimes(t *testing.T) {
	const (
		day5   = 1535497205 * second // 2018-08-28T23:00:05Z
		minute = 1535497200 * second // 2018-08-28T23:00Z
	)
	all := newClock()
	for _, tt := range []struct {
		text string
		want int64
		kept bool
	}{
		{text: "2018-08-28 23:00:05.000", want: day5},
		{text: "2018-08-28T23:00:05Z", want: day5},
		{text: "2018-08-28t23:00:05z", want: day5},
		{text: "2018-08-28T23:00:05.", want: day5},
		{text: "2018-08-28T23:00:05,25", want: day5 + 250_000_000},
		{text: "2018-08-28T23:00:05.123456789", want: day5 + 123_456_789},
		{text: "2018-08-28T23:00:05.1234567899", want: day5 + 123_456_789, kept: true},
		{text: "2018-08-28T23:00:05.0000000000", want: day5, kept: true},
		{text: "2018-08-28 23:00", want: minute},
		{text: "2018-08-28T23:00Z", want: minute},
		{text: "2018-08-28", want: minute - 23*3600*second},
		{text: "2018-08-29T01:00:05+02:00", want: day5},
		{text: "2018-08-29 01:00:05 +0200", want: day5},
		{text: "2018-08-28T18:00:05-05", want: day5},
		{text: "2018-08-28T17:30:05.0-05:30", want: day5},
		{text: "2018-08-28T23:00:05-00:00", want: day5},
		{text: "2018-08-28 23:00:05 UTC", want: day5},
		{text: "2018-08-28 23:00:05", want: day5},
		{text: " \t2018-08-28 23:00:05", want: day5},
		{text: " \t2018-08-28 23:00:05 ", want: day5},
		{text: "2018-08-28T22:59:60Z", want: minute, kept: true},
		{text: "2018-08-28T22:59:60.5+00:00", want: minute + second/2, kept: true},
		{text: "1970-01-01T00:00:00Z", want: 0},
		{text: "1969-12-31T23:59:59.999999999Z", want: -1},
		{text: "2000-02-29", want: 951782400 * second},
		{text: "1677-09-21T00:12:43.145224192Z", want: math.MinInt64},
		{text: "2262-04-11T23:47:16.854775807Z", want: math.MaxInt64},
		{text: "2262-04-12T01:47:16.854775807+02:00", want: math.MaxInt64},

		{text: "1535497205", want: day5},
		{text: "1535497205.250", want: day5 + second/4},
		{text: "1535497205,25", want: day5 + second/4},
		{text: " 1535497205 ", want: day5},
		{text: "1535497205000", want: day5},
		{text: "1535497205000.25", want: day5 + 250_000},
		{text: "1535497205000000", want: day5},
		{text: "1535497205000000.5", want: day5 + 500},
		{text: "1535497205000000007", want: day5 + 7},
		{text: "1535497205000000007.9", want: day5 + 7, kept: true},
		{text: "1535497205.1234567891", want: day5 + 123_456_789, kept: true},
		{text: "01535497205", want: day5, kept: true},
		{text: "0", want: 0},
		{text: "-0", want: 0, kept: true},
		{text: "-0.5", want: -second / 2},
		{text: "-1.25", want: -second * 5 / 4},
		{text: "-9223372036854775808", want: math.MinInt64},
		{text: "100000000000", want: 100_000_000 * second},
		{text: "100000000000000", want: 100_000_000 * second},
		{text: "100000000000000000", want: 100_000_000 * second},
	} {
		ns, kept, f := stampOf(t, all, tt.text)
		if f != noFault || ns != tt.want || kept != tt.kept {
			t.Errorf("%q: %d, kept %v, fault %d; want %d, kept %v", tt.text, ns, kept, f, tt.want, tt.kept)
		}
	}
}

func TestNotTimes(t *testing.T) {
	for text, want := range map[string]fault{
		"":                               timeEmpty,
		" \t ":                           timeEmpty,
		"abc":                            timeUnknown,
		"-":                              timeUnknown,
		".5":                             timeUnknown,
		"1e9":                            timeUnknown,
		"+1535497205":                    timeUnknown,
		"1535497205Z":                    timeUnknown,
		"23:00:05":                       timeUnknown,
		"28.08.2018":                     timeUnknown,
		"2018-8-28":                      timeUnknown,
		"2018/08/28":                     timeUnknown,
		"2018-08-2x":                     timeUnknown,
		"2018-08-28T":                    timeUnknown,
		"2018-08-28T23":                  timeUnknown,
		"2018-08-28T23:0":                timeUnknown,
		"2018-08-28T23:00:5":             timeUnknown,
		"2018-08-28T23:00:":              timeUnknown,
		"2018-08-28T23:00.5":             timeUnknown,
		"2018-08-28_23:00:05":            timeUnknown,
		"2018-08-28Z":                    timeUnknown,
		"2018-08-28T23:00:05 CEST":       timeUnknown,
		"2018-08-28T23:00:05+":           timeUnknown,
		"2018-08-28T23:00:05+2":          timeUnknown,
		"2018-08-28T23:00:05+020":        timeUnknown,
		"2018-08-28T23:00:05+02:":        timeUnknown,
		"2018-08-28T23:00:05+02:0":       timeUnknown,
		"2018-08-28T23:00:05+02:00Z":     timeUnknown,
		"2018-08-28T23:00:05ZZ":          timeUnknown,
		"2018-02-29":                     timeMissing,
		"1900-02-29":                     timeMissing,
		"2018-00-01":                     timeMissing,
		"2018-13-01":                     timeMissing,
		"2018-04-31":                     timeMissing,
		"2018-04-00":                     timeMissing,
		"2018-08-28T24:00":               timeMissing,
		"2018-08-28T23:60":               timeMissing,
		"2018-08-28T23:00:61":            timeMissing,
		"2018-08-28T23:00:05+24:00":      timeMissing,
		"2018-08-28T23:00:05+00:60":      timeMissing,
		"0000-01-01":                     timeTooFar,
		"9999-12-31T23:59:59Z":           timeTooFar,
		"1677-09-21T00:12:43.145224191Z": timeTooFar,
		"2262-04-11T23:47:16.854775808Z": timeTooFar,
		"9223372036854775808":            timeTooFar,
		"-9223372036854775809":           timeTooFar,
		"9999999999999999999":            timeTooFar,
		"123456789012345678901234":       timeTooFar,
		"99999999999":                    timeTooFar, // the most that counts as seconds
		"99999999999999":                 timeTooFar, // as milliseconds
		"1535497205" + strings.Repeat(" ", maxTime): timeUnknown,
	} {
		if _, _, f := stampOf(t, newClock(), text); f != want {
			t.Errorf("%q: fault %d, want %d", text, f, want)
		}
	}
}

// Each day from 1677 to 2262, against the time package.
func TestCalendar(t *testing.T) {
	first := time.Date(1677, 9, 22, 0, 0, 0, 0, time.UTC)
	for d := first; d.Year() < 2262; d = d.AddDate(0, 0, 1) {
		text := d.Format(time.DateOnly)
		if ns, kept, f := stampOf(t, newClock(), text); ns != d.UnixNano() || kept || f != noFault {
			t.Fatalf("%s: %d, kept %v, fault %d; want %d", text, ns, kept, f, d.UnixNano())
		}
	}
}

// A table that is full keeps the text of further forms and goes on with those it
// has.
func TestFullFormTable(t *testing.T) {
	c := newClock()
	zones := 0
	for offset := range 24 * 60 {
		text := time.Unix(0, 0).In(time.FixedZone("", 60*offset)).Format("2006-01-02T15:04:05-07:00")
		st, f := c.read([]byte(text))
		if f != noFault || st.ns != 0 {
			t.Fatalf("%q: %+v, fault %d", text, st, f)
		}
		if st.form != keptForm {
			zones++
		}
	}
	if zones != keptForm || len(c.table.forms) != keptForm {
		t.Errorf("%d forms found, %d in the table", zones, len(c.table.forms))
	}
	if st, _ := c.read([]byte("1970-01-01T00:01:00+00:01")); st.form != 1 {
		t.Errorf("form %d of a time seen before the table was full", st.form)
	}
}

// What is read comes back byte for byte, and is the instant that the time
// package reads.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2018-08-28 23:00:05.000", "2018-08-28T23:00:05.123456789+02:00", "2018-08-28t23:00,5 UTC",
		"1535497205.25", "-1.5", "1535497205000000007", "2018-08-28", " 2018-08-28T22:59:60Z ",
	} {
		f.Add([]byte(seed))
	}
	// The time package also takes an hour of one digit, and zones such as +24:60.
	strict := regexp.MustCompile(`^.{10}T\d\d:.*(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	f.Fuzz(func(t *testing.T, text []byte) {
		c := newCollector(Options{}, 64, 1<<10)
		st, fault := c.clock.read(text)
		want, err := time.Parse(time.RFC3339Nano, string(text))
		if err == nil && strict.Match(text) && want.Year() > 1677 && want.Year() < 2262 {
			if fault != noFault || st.ns != want.UnixNano() {
				t.Fatalf("%q: %d, fault %d; want %d", text, st.ns, fault, want.UnixNano())
			}
		}
		if fault != noFault {
			return
		}
		var s Series
		slab, i := s.add(&c.arena, st.ns, []float64{0}, st.form)
		if st.form == keptForm {
			slab.keep(i, text)
		}
		if back := s.Blocks()[0].AppendTime(nil, 0); !bytes.Equal(back, text) {
			t.Fatalf("%q comes back as %q", text, back)
		}
	})
}
