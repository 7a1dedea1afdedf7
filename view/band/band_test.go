package band_test

import (
	"errors"
	"math"
	"os"
	"testing"

	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/view/band"
)

func TestOneFeature(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../examples/pumps/models/pump-1/temperature.pkl")
	if err != nil {
		t.Fatal(err)
	}
	m, err := sklearn.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	// What is normal is found by the model; so is that its middle is, and what is far is not.
	b, err := band.Of(m, []string{"value"}, band.Range{From: -1000, To: 1000}, band.Range{}, 2048, 0)
	if err != nil || len(b.Normal) == 0 || b.Normal[0].From == nil || b.Normal[0].To == nil {
		t.Fatalf("%+v, %v", b, err)
	}
	s := b.Normal[0]
	near := band.Range{From: *s.From, To: *s.To}
	inside, err := band.Of(m, []string{"value"}, near, band.Range{}, 101, 0)
	if err != nil || *inside.Decision[50] <= 0 {
		t.Errorf("the middle of %+v is not normal: %v", near, err)
	}
	fine, err := band.Of(m, []string{"value"}, band.Range{From: *s.From - 1, To: *s.To + 1}, band.Range{}, 2048, 0)
	if err != nil || len(fine.Normal) == 0 {
		t.Fatal(err)
	}
	var scores sklearn.Scores
	if err := m.Score(sklearn.Column([]float64{*fine.Normal[0].From}), &scores); err != nil || math.Abs(scores.Decision[0]) > 0.01 {
		t.Errorf("at the border the decision is %v, %v", scores.Decision, err)
	}
	if m.Features() != 1 {
		t.Fatal(errors.New("the model has not one feature"))
	}
}

func TestRange(t *testing.T) {
	t.Parallel()
	for _, r := range []band.Range{{1, 1}, {2, 1}, {math.NaN(), 1}, {math.Inf(-1), 1}, {-math.MaxFloat64, math.MaxFloat64}} {
		if r.Check() == nil {
			t.Errorf("%v passes", r)
		}
	}
	if err := (band.Range{From: -1, To: 1}).Check(); err != nil {
		t.Error(err)
	}
}
