package credential

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// How many wrong tokens an address may send: at once, and in the long run.
const (
	guessBurst = 20
	guessEvery = 10 * time.Second
	guessSlots = 4096
)

// guesses counts the wrong tokens of addresses. Addresses share a fixed number of
// slots, by a hash that nobody outside can compute.
type guesses struct {
	seed maphash.Seed

	mu    sync.Mutex
	slots [guessSlots]time.Time // when a slot's debt is paid
}

func newGuesses() *guesses { return &guesses{seed: maphash.MakeSeed()} }

func (g *guesses) slot(from netip.Addr) *time.Time {
	from = from.Unmap().WithZone("")
	if from.Is6() { // who has one of it has all of it
		if network, err := from.Prefix(64); err == nil {
			from = network.Addr()
		}
	}
	return &g.slots[maphash.Comparable(g.seed, from)%guessSlots]
}

// over says how long an address must wait before it may be wrong again; 0: it may.
func (g *guesses) over(from netip.Addr, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(g.slot(from).Sub(now.Add((guessBurst-1)*guessEvery)), 0)
}

// wrong counts a wrong token, unless the address has to wait; then it says how long.
func (g *guesses) wrong(from netip.Addr, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	paid := g.slot(from)
	if wait := paid.Sub(now.Add((guessBurst - 1) * guessEvery)); wait > 0 {
		return wait
	}
	if paid.Before(now) {
		*paid = now
	}
	*paid = paid.Add(guessEvery)
	return 0
}
