package aggregator_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Two machines with a log each aggregate into one store in turns, and for a moment
// both, when one has not heard yet that the other has taken its place. Readings come to
// the one that has its turn. When each has had another turn, every reading is in its window once.
func TestTurns(t *testing.T) {
	first, second := newSite(t), newSite(t)
	second.store, second.windows = first.store, first.windows
	first.name, second.name = "first", "second"
	first.alone, second.alone = true, true
	sites := []*site{first, second}
	random := rand.New(rand.NewPCG(3, 4))
	want := map[string][]float64{}
	at := make([]int, 12)
	now, other := first, second
	now.start()
	for range 30 {
		var some []fleet.Reading
		for d := range at {
			for range random.IntN(60) {
				at[d] += 1 + random.IntN(3)
				value := float64(random.IntN(100))
				device := fmt.Sprint("device-", d)
				some = append(some, reading(device, at[d], value))
				name := fmt.Sprintf("%s/t %02d:%02d", device, at[d]/3600, at[d]/60%60)
				want[name] = append(want[name], value)
			}
		}
		if len(some) > 0 {
			now.send(some...)
		}
		<-time.After(time.Duration(random.IntN(150)) * time.Millisecond)
		switch random.IntN(4) {
		case 0: // it goes on
			continue
		case 1: // it has not heard yet
			other.start()
			<-time.After(time.Duration(random.IntN(150)) * time.Millisecond)
			now.crash()
		case 2:
			now.crash()
			other.start()
		case 3:
			now.service.Stop(t.Context())
			other.start()
		}
		now, other = other, now
	}
	now.crash()
	for _, s := range sites {
		s.start()
		s.stored()
		s.service.Stop(t.Context())
	}
	first.start()
	rows := first.stored()
	first.service.Stop(t.Context())
	for name, values := range want {
		r, ok := rows[name]
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		if !ok || r.Count != int64(len(values)) || r.Sum != sum || r.Min != slices.Min(values) || r.Max != slices.Max(values) {
			t.Errorf("%s is %+v, not of %v", name, r, values)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d windows, not %d", len(rows), len(want))
	}
}
