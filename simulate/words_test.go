package simulate

import (
	"io"
	"testing"
)

func TestShare(t *testing.T) {
	for text, want := range map[string]Share{"2%": 0.02, "0.1%": 0.001, "0": 0, "0.5": 0.5, "100%": 1, "1": 1} {
		var got Share
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s is %g: %v", text, got, err)
		}
		again, _ := got.MarshalText()
		if err := got.UnmarshalText(again); err != nil || got != want {
			t.Errorf("%s is written as %s", text, again)
		}
	}
	for _, text := range []string{"", "2", "-1%", "101%", "NaN", "x", "%"} {
		if err := new(Share).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a share", text)
		}
	}
}

func TestRate(t *testing.T) {
	for text, want := range map[string]Rate{"1/s": 1, "6/m": 0.1, "0.5/s": 0.5, "36/h": 0.01, "864/d": 0.01} {
		var got Rate
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s is %g: %v", text, got, err)
		}
		again, _ := got.MarshalText()
		if err := got.UnmarshalText(again); err != nil || got != want {
			t.Errorf("%s is written as %s", text, again)
		}
	}
	for _, text := range []string{"", "1", "0/s", "-1/s", "1/y", "NaN/s", "Inf/s", "/s"} {
		if err := new(Rate).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a rate", text)
		}
	}
}

func TestNewSender(t *testing.T) {
	for to, ok := range map[string]bool{"-": true, "http://x": true, "mqtts://x": true, "": false, "ftp://x": false, "x": false, "%": false} {
		s, err := NewSender(Target{URL: to, Output: io.Discard}, &Tally{})
		if (err == nil) != ok {
			t.Errorf("%q: %v", to, err)
		}
		if err == nil {
			if err := Finish(t.Context(), s); err != nil {
				t.Error(err)
			}
		}
	}
}
