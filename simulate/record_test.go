package simulate

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// recorded is a record of some messages, and what it should hold.
func recorded(t testing.TB, c Config, length time.Duration) ([]byte, []Entry) {
	var file bytes.Buffer
	w, err := NewRecordWriter(&file, c)
	if err != nil {
		t.Fatal(err)
	}
	var all []Entry
	for i, m := range newFleet(t, c).Step(c.Start.Add(length), nil) {
		e := Entry{Message: m, Outcome: Outcome(i % 3), Tries: uint32(1 + i%7), Settled: m.Sent + int64(i%1000)*1e6}
		switch i {
		case 5:
			e.Reading.Value = math.Pi
		case 6:
			e.Reading.Value = math.Inf(1)
		case 7:
			e.Reading.Value = math.Copysign(0, -1)
		}
		w.Write(&e)
		all = append(all, e)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), all
}

func readRecord(data []byte) (Config, []Entry, error) {
	r, err := NewRecordReader(bytes.NewReader(data))
	if err != nil {
		return Config{}, nil, err
	}
	var all []Entry
	for {
		var e Entry
		if err := r.Next(&e); err != nil {
			return r.Config(), all, err
		}
		all = append(all, e)
	}
}

// TestRecord: what was written is read, in little space; what is cut is read to there.
func TestRecord(t *testing.T) {
	c := everything()
	data, want := recorded(t, c, 5*time.Minute)
	config, got, err := readRecord(data)
	if !errors.Is(err, io.EOF) || !slices.Equal(got, want) || !reflect.DeepEqual(config, c.withDefaults()) {
		t.Fatalf("%d entries, not %d, or others: %v", len(got), len(want), err)
	}
	size := float64(len(data)) / float64(len(want))
	t.Logf("%.1f bytes an entry", size)
	if size > 16 {
		t.Errorf("%.1f bytes an entry", size)
	}
	_, got, err = readRecord(data[:len(data)-3])
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(got) != len(want)-1 {
		t.Errorf("cut short: %d entries, not %d: %v", len(got), len(want)-1, err)
	}
	for _, bad := range []string{"", "{}\n", "{\"record\":2}\n", "{\"record\":1}\n", "xx\n", strings.Repeat("x", 1<<20)} {
		if _, _, err := readRecord([]byte(bad)); err == nil || errors.Is(err, io.EOF) && bad != "" {
			t.Errorf("%.20q is read: %v", bad, err)
		}
	}
}

// FuzzRecord: whatever is in a file, it is read or refused.
func FuzzRecord(f *testing.F) {
	data, _ := recorded(f, Config{Devices: 2, Tags: 2, Rate: 1, Start: start}, 10*time.Second)
	f.Add(data)
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, all, err := readRecord(data)
		if err == nil {
			t.Fatal("there is no end")
		}
		for _, e := range all {
			if e.Reading.Device == "" || e.Reading.Tag == "" {
				t.Fatal("an entry of no sensor")
			}
		}
	})
}

// TestTruth: what was written is read.
func TestTruth(t *testing.T) {
	f := newFleet(t, everything())
	f.Step(start.Add(10*time.Minute), nil)
	want := f.Planted()
	var file bytes.Buffer
	if err := WriteTruth(&file, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTruth(bytes.NewReader(file.Bytes()))
	if err != nil || !slices.Equal(got, want) || len(got) < 10 {
		t.Errorf("%d truths, not %d, or others: %v", len(got), len(want), err)
	}
	if _, err := ReadTruth(strings.NewReader("{\n")); err == nil {
		t.Error("half a line is read")
	}
	if f.Planted() != nil {
		t.Error("the truth is told twice")
	}
}

// TestValidate: all that is wrong is said, at once.
func TestValidate(t *testing.T) {
	if err := everything().Validate(); err != nil {
		t.Error(err)
	}
	err := Config{Devices: -1, Tags: 100_000, Rate: math.NaN(), Prefix: "a/b", Anomalies: 0.7, Late: -1, Duplicates: math.NaN(), Outages: 1, WrongClocks: 2, Kinds: []Kind{"x", Flat, Flat}, LateBy: 1, OutageLength: -1, AnomalyLength: 1}.Validate()
	for _, want := range []string{"devices:", "tags:", "rate:", "start:", "prefix:", "anomalies: 70%", "late:", "duplicates:", "outages:", "wrong clocks:", `"x" is not`, `"flat" is there twice`, "late by:", "outage length:", "anomaly length:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a fleet of nothing")
	}
}
