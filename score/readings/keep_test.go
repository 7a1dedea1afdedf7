package readings

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/fleet"
)

// Parts of a fleet, read one after the other out of the same file, are together
// what the whole file is, and a reading is in or out by its time.
func TestKeep(t *testing.T) {
	type row struct {
		Time   int64   `parquet:"time,timestamp"`
		Device string  `parquet:"device,dict"`
		Tag    string  `parquet:"tag,dict"`
		Value  float64 `parquet:"value"`
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	var rows []row
	text.WriteString("time,device,tag,value\n")
	for range 3000 {
		r := row{rng.Int64N(1000), fmt.Sprint("d", rng.IntN(40)), fmt.Sprint("t", rng.IntN(3)), float64(rng.IntN(100))}
		rows = append(rows, r)
		// Some rows are of a value that is none: a failure of their sensor.
		value := fmt.Sprint(r.Value)
		if rng.IntN(10) == 0 {
			value = "x"
		}
		fmt.Fprintf(&text, "1970-01-01T00:00:%02d.%03d,%s,%s,%s\n", r.Time/1000, r.Time%1000, r.Device, r.Tag, value)
	}
	var file bytes.Buffer
	if err := parquet.Write(&file, rows); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"csv": []byte(text.String()), "parquet": file.Bytes()} {
		for _, device := range []bool{false, true} {
			t.Run(fmt.Sprint(name, device), func(t *testing.T) {
				read := func(opt Options) *Set {
					if device {
						opt.Features = Features{Device: true, List: []Feature{{Tag: "t0"}, {Tag: "t1"}}}
					}
					c := NewCollector(opt)
					if err := c.ReadAt(t.Context(), "file", bytes.NewReader(data), int64(len(data))); err != nil {
						t.Fatal(err)
					}
					return c.Finish()
				}
				for _, window := range [][2]int64{{0, 0}, {100e6, 300e6}} {
					all := read(Options{From: window[0], To: window[1]})
					var together []string
					for half := range uint32(2) {
						part := read(Options{From: window[0], To: window[1], Keep: func(s fleet.Sensor) bool {
							if device && s.Tag != "" {
								t.Errorf("a device is asked for as %s", s)
							}
							return fleet.Spread(s)%2 == half
						}})
						together = append(together, describe(part)...)
						if !slices.Equal(part.Integers, all.Integers) {
							t.Error("a part of a file is written otherwise than the whole")
						}
					}
					slices.Sort(together)
					if want := describe(all); !slices.Equal(together, want) || len(want) == 0 {
						t.Errorf("%v: parts are %d series, the whole is %d", window, len(together), len(want))
					}
					for _, s := range all.Series {
						for _, b := range s.Blocks() {
							for _, ns := range b.Times {
								if window[1] > 0 && (ns < window[0] || ns >= window[1]) {
									t.Fatalf("%s has a reading at %d", s.Sensor, ns)
								}
							}
						}
					}
				}
			})
		}
	}
}

func describe(set *Set) []string {
	var all []string
	for _, s := range set.Series {
		line := fmt.Sprint(s.Sensor, s.Rows(), len(s.Failures))
		for _, f := range s.Failures {
			line += fmt.Sprint(f.Cause, f.Rows)
		}
		for _, b := range s.Blocks() {
			line += fmt.Sprint(b.Times, b.Values)
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}
