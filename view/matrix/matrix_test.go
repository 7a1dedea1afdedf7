package matrix_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/tile"
	"github.com/fleetscore/fleetscore/view/matrix"
)

// scene is what became of sensors, in a store and as it must be shown.
type scene struct {
	columns []matrix.Column
	want    []map[fleet.Sensor]tile.Fate
	planes  *matrix.Planes
}

func draw(t *rapid.T) scene {
	s := memstore.New()
	rosters := &tile.Reader{}
	sc := scene{planes: &matrix.Planes{Read: func(ctx context.Context, c matrix.Column) (*tile.Tile, error) {
		return rosters.Read(ctx, s, fleet.TileKey(c.Job, c.Interval, c.Rev))
	}}}
	begin := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for n := range rapid.IntRange(1, 9).Draw(t, "columns") {
		from := begin.Add(time.Duration(n) * time.Hour)
		c := matrix.Column{Job: "hourly", Interval: fleet.NewInterval(from, from.Add(time.Hour)), Rev: 1, Run: fmt.Sprint("run", n), State: rapid.SampledFrom([]string{matrix.ColumnDone, matrix.ColumnDone, matrix.ColumnIncomplete, matrix.ColumnMissing, matrix.ColumnActive}).Draw(t, "state"), Late: rapid.Bool().Draw(t, "late")}
		var entries []tile.Entry
		fates := map[fleet.Sensor]tile.Fate{}
		for i := range 12 {
			if rapid.IntRange(0, 9).Draw(t, "there") == 0 {
				continue
			}
			e := tile.Entry{Sensor: fleet.Sensor{Device: fmt.Sprintf("Pump-%d", i/3), Tag: fmt.Sprintf("t%d", i%3)}}
			e.Fate = rapid.SampledFrom([]tile.Fate{tile.Normal, tile.Anomalous, tile.Silent, tile.Skipped, tile.Unknown, tile.Failed(fleet.NoModel, false), tile.Failed(fleet.BadRow, true)}).Draw(t, "fate")
			entries = append(entries, e)
			fates[e.Sensor] = e.Fate
		}
		if c.HasTile() {
			if err := tile.Write(context.Background(), s, fleet.TileKey(c.Job, c.Interval, c.Rev), entries); err != nil {
				t.Fatal(err)
			}
		}
		sc.columns, sc.want = append(sc.columns, c), append(sc.want, fates)
	}
	return sc
}

// state is what a cell must show, by another way than the package's.
func (sc *scene) state(s fleet.Sensor, column int) string {
	c := sc.columns[column]
	fate, there := sc.want[column][s]
	switch {
	case c.State == matrix.ColumnActive:
		return "active"
	case !c.HasTile() || !there:
		return "missing"
	case fate == tile.Silent && c.Late:
		return "late"
	}
	return map[string]string{"normal": "scored", "no_model": "failed", "bad_row": "partly"}[fate.String()] + map[string]string{"anomalous": "anomalous", "silent": "silent", "skipped": "skipped", "unknown": "unknown"}[fate.String()]
}

// cell reads a cell of a tile.
func cell(body []byte, row, column int) string {
	columns := int(binary.LittleEndian.Uint32(body[8:]))
	b := body[24+row*((columns+1)/2)+column/2]
	return matrix.State(b >> (4 * (column % 2)) & 15).String()
}

func TestMatrix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := draw(t)
		g, err := matrix.New(context.Background(), sc.columns, sc.planes)
		if err != nil {
			t.Fatal(err)
		}
		f := matrix.Filter{
			Search: rapid.SampledFrom([]string{"", "pump", "PUMP-1", "t0", "pump-2/t", "none"}).Draw(t, "search"), Device: rapid.SampledFrom([]string{"", "", "Pump-3"}).Draw(t, "device"),
			States: rapid.SampledFrom([][]string{nil, nil, {"failed", "partly"}, {"scored"}}).Draw(t, "states"), Cause: rapid.SampledFrom([]fleet.Cause{"", "", fleet.NoModel}).Draw(t, "cause"),
		}
		last := -1
		for i := range sc.columns {
			if sc.columns[i].HasTile() {
				last = i
			}
		}
		var sensors []fleet.Sensor
		for i := range 12 {
			s := fleet.Sensor{Device: fmt.Sprintf("Pump-%d", i/3), Tag: fmt.Sprintf("t%d", i%3)}
			known := false
			for c := range sc.columns {
				_, there := sc.want[c][s]
				known = known || sc.columns[c].HasTile() && there
			}
			wanted := strings.Contains(strings.ToLower(s.String()), strings.ToLower(f.Search)) && (f.Device == "" || s.Device == f.Device)
			if len(f.States) > 0 {
				wanted = wanted && last >= 0 && slices.Contains(f.States, sc.state(s, last))
			}
			if f.Cause != "" {
				wanted = wanted && last >= 0 && sc.want[last][s].String() == string(f.Cause)
			}
			if known && wanted {
				sensors = append(sensors, s)
			}
		}
		for range 2 { // the second time it is remembered
			sel, err := g.Select(context.Background(), f)
			if err != nil {
				t.Fatal(err)
			}
			rows := sel.Rows(0, 100)
			if sel.Len() != len(sensors) || len(rows) != len(sensors) {
				t.Fatalf("%d rows %v, want %v", sel.Len(), rows, sensors)
			}
			p := matrix.Span{Row: rapid.IntRange(0, 13).Draw(t, "row"), Rows: rapid.IntRange(1, 13).Draw(t, "rows"), Column: rapid.IntRange(0, 9).Draw(t, "column"), Columns: rapid.IntRange(1, 9).Draw(t, "columns")}
			body, cut := sel.Tile(p), sel.Cut(p)
			if len(body) != 24+cut.Rows*((cut.Columns+1)/2) || int(binary.LittleEndian.Uint32(body[20:])) != len(sensors) {
				t.Fatalf("%d bytes of %+v", len(body), cut)
			}
			for row := range cut.Rows {
				s := sensors[cut.Row+row]
				if (fleet.Sensor{Device: rows[cut.Row+row].Device, Tag: rows[cut.Row+row].Tag}) != s {
					t.Fatalf("row %d is %v, not %v", cut.Row+row, rows[cut.Row+row], s)
				}
				for column := range cut.Columns {
					if got, want := cell(body, row, column), sc.state(s, cut.Column+column); got != want {
						t.Fatalf("%v in column %d is %s, not %s", s, cut.Column+column, got, want)
					}
				}
			}
		}
		byDevice(t, g, &sc, f, sensors)
	})
}

// byDevice looks at rows that are devices.
func byDevice(t *rapid.T, g *matrix.Grid, sc *scene, f matrix.Filter, sensors []fleet.Sensor) {
	f.ByDevice = true
	sel, err := g.Select(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	rank := []string{"failed", "partly", "late", "anomalous", "silent", "skipped", "unknown", "active", "scored", "missing"}
	body := sel.Tile(matrix.Span{Rows: 100, Columns: 100})
	seen := 0
	for row, r := range sel.Rows(0, 100) {
		seen += r.Sensors
		for column := range sc.columns {
			worst := len(rank)
			for _, s := range sensors {
				if s.Device == r.Device {
					worst = min(worst, slices.Index(rank, sc.state(s, column)))
				}
			}
			if got := cell(body, row, column); got != rank[worst] {
				t.Fatalf("%s in column %d is %s, not %s", r.Device, column, got, rank[worst])
			}
		}
	}
	if seen != len(sensors) {
		t.Fatalf("devices have %d sensors, of %d", seen, len(sensors))
	}
}

func TestDamagedTile(t *testing.T) {
	t.Parallel()
	planes := &matrix.Planes{Read: func(context.Context, matrix.Column) (*tile.Tile, error) { return nil, errors.New("damaged") }}
	g, err := matrix.New(t.Context(), []matrix.Column{{Job: "hourly", State: matrix.ColumnDone}}, planes)
	if err != nil || g.Columns[0].State != matrix.ColumnUnknown || g.Len() != 0 {
		t.Errorf("%+v, %v", g.Columns, err)
	}
	canceled, stop := context.WithCancel(t.Context())
	stop()
	if _, err := matrix.New(canceled, []matrix.Column{{Job: "hourly", State: matrix.ColumnDone}}, planes); err == nil {
		t.Error("a grid is made of a read that was canceled")
	}
}
