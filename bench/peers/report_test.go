package main

import (
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 2, 3}, 2.5}, {[]float64{5}, 5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("%v: %v, want %v", c.values, got, c.want)
		}
	}
}

func TestBetween(t *testing.T) {
	old := "before\n" + beginMark + "\nold\n" + endMark + "\nafter\n"
	got, err := between([]byte(old), "new")
	if want := "before\n" + beginMark + "\nnew\n" + endMark + "\nafter\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := between([]byte("no marks"), "new"); err == nil {
		t.Error("a file without marks is written")
	}
}

func TestAgree(t *testing.T) {
	bound := []float64{1, 1}
	if err := agree([]float64{0.5, -1e-13}, []float64{0.5, 1e-13}, bound); err != nil {
		t.Errorf("within the band: %v", err)
	}
	for _, got := range [][]float64{{0.5, 2e-12}, {0.5}, {0.6, 0}} {
		if err := agree(got, []float64{0.5, 0}, bound); err == nil {
			t.Errorf("%v is accepted", got)
		}
	}
}

func TestRowTellsAMiss(t *testing.T) {
	group := []result{{Contestant: "peer", Seconds: []float64{10}}, {Contestant: "own", Seconds: []float64{1}, Peer: "peer", Target: 12}}
	if row := group[1].row(group); !strings.Contains(row, "**10×** | 12×, missed") {
		t.Error(row)
	}
}
