package decode

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fleetscore/fleetscore/fleet"
)

// sound fails if a batch is not what readers of readings may rely on.
func sound(t *testing.T, b *Batch) {
	t.Helper()
	for _, r := range b.Readings {
		if fleet.CheckName("device", r.Device) != nil || fleet.CheckName("tag", r.Tag) != nil || math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
			t.Fatalf("%+v was taken", r)
		}
		if r.Received != (r.Time == now) && r.Received {
			t.Fatalf("%+v was not stamped", r)
		}
	}
	sum := 0
	for _, c := range b.Causes {
		sum += c.N
	}
	if sum != b.Rejected || len(b.Faults) != min(b.Rejected, MaxFaults) {
		t.Fatalf("%d rejected, %v, %d faults", b.Rejected, b.Causes, len(b.Faults))
	}
	for _, f := range b.Faults {
		if len(f.Detail) > 2000 || strings.ContainsAny(f.Detail, "\n\x00") {
			t.Fatalf("a detail of %d bytes: %q", len(f.Detail), f.Detail)
		}
	}
}

// oracle reads a reading with encoding/json; ok is false if it is none. Members that
// come twice are for the caller.
func oracle(text []byte) (r fleet.Reading, ok bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		return r, false
	}
	str := func(name string) (s string) {
		ok = ok && json.Unmarshal(members[name], &s) == nil && string(members[name]) != "null"
		return s
	}
	ok = true
	r.Device, r.Tag = str("device"), str("tag")
	ok = ok && string(members["value"]) != "null" && json.Unmarshal(members["value"], &r.Value) == nil
	if seq := members["seq"]; seq != nil && string(seq) != "null" {
		r.HasSeq = true
		ok = ok && json.Unmarshal(seq, &r.Seq) == nil
	}
	return r, ok && fleet.CheckName("device", r.Device) == nil && fleet.CheckName("tag", r.Tag) == nil
}

// FuzzObject compares with encoding/json.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{"device":"pump-7","tag":"temperature","ts":"2026-11-23T13:00:05Z","value":71.3}`,
		`{"device":"\ud83d\ude00","tag":"\ud83d\ude00x\u00e9\n","ts":1,"value":-0.0e-5,"seq":7,"x":[{"y":null},true,false,""]}`,
		`{"\u0064evice":"a","tag":"b","value":1e23,"time":1.5,"device":1}`, ` {} `, `[1]`, `{"value":01}`, `{"a":"\ud800\u0041"}`, "{\"a\":\"\t\"}",
		`{"device":"a","tag":"b","value":123456789012345678901234567890}`, `{"device":"a","tag":"b","value":0.1234567890123456789}`,
	} {
		f.Add([]byte(seed))
	}
	d := New(Limits{})
	f.Fuzz(func(t *testing.T, text []byte) {
		var b Batch
		if err := d.Decode(JSON, text, now, &b); err != nil {
			t.Fatal(err)
		}
		sound(t, &b)
		if !utf8.Valid(text) || bytes.HasPrefix(trim(text), []byte("[")) {
			return
		}
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
		want, ok := oracle(text)
		ok = ok && !half(text)
		if len(b.Readings) == 1 {
			got := b.Readings[0]
			got.Time, got.Received = 0, false
			if !ok || got != want || math.Signbit(got.Value) != math.Signbit(want.Value) {
				t.Fatalf("%s: %+v, not %+v", text, got, want)
			}
			return
		}
		fault := b.Faults[0]
		broken := fault.Cause == BadJSON && !strings.HasSuffix(fault.Detail, "is given twice") && !strings.HasSuffix(fault.Detail, "is not an object") && !strings.HasSuffix(fault.Detail, "nested too deep")
		if broken == (json.Valid(text) && !half(text)) {
			t.Fatalf("%s: %v, but valid: %v", text, fault, !broken)
		}
		if ok && fault.Cause != BadTime && fault.Cause != BadJSON && !strings.HasSuffix(fault.Detail, "twice") && !twice(text) {
			t.Fatalf("%s: %v, but encoding/json takes it", text, fault)
		}
	})
}

var escapes = regexp.MustCompile(`\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)`)

// half reports whether there is an escape of half a character, which encoding/json
// takes for any.
func half(text []byte) bool {
	return slices.ContainsFunc(escapes.FindAllSubmatch(text, -1), func(m [][]byte) bool { return m[1] != nil })
}

// twice reports whether a member may be given twice, of which encoding/json takes
// the last.
func twice(text []byte) bool {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members)
	return bytes.Count(text, []byte(":")) > len(members)
}

func FuzzFormats(f *testing.F) {
	f.Add(uint8(JSON), []byte(`[{"device":"a","tag":"b","value":1,"ts":"2026-11-23T13:00:05Z"},{}]`))
	f.Add(uint8(NDJSON), []byte("{\"device\":\"a\",\"tag\":\"b\",\"value\":1}\r\n\n[]\n{"))
	f.Add(uint8(CSV), []byte("device,tag,ts,value,seq\r\na,\"b\"\"c\",2026-11-23T13:00:05Z,1.5,7\n\"\",,,\n"))
	f.Add(uint8(0), []byte(" -1.5e3 "))
	f.Fuzz(func(t *testing.T, format uint8, body []byte) {
		d := New(Limits{Line: 200, Readings: 10, Names: 4})
		var b Batch
		var err error
		if format == 0 {
			err = d.Payload(body, fleet.Sensor{Device: "d", Tag: "t"}, now, &b)
		} else {
			err = d.Decode(Format(format), body, now, &b)
		}
		if err != nil && len(b.Readings) > 0 || len(b.Readings) > 10 {
			t.Fatalf("%v, %d readings", err, len(b.Readings))
		}
		if err == nil {
			sound(t, &b)
		}
	})
}

// FuzzLines checks that a line means what it means as a document.
func FuzzLines(f *testing.F) {
	f.Add([]byte(`{"device":"a","tag":"b","value":1}`))
	f.Add([]byte(`{"device":"a","tag":"b","value":1} {`))
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if bytes.ContainsAny(line, "\n") || bytes.HasPrefix(line, []byte("\ufeff")) || len(trim(line)) == 0 || trim(line)[0] == '[' || len(line) > 1000 {
			return
		}
		d := New(Limits{})
		alone := decodeAll(t, d, JSON, string(line))
		both := decodeAll(t, d, NDJSON, string(line)+"\n"+string(line)+"\r\n")
		if len(both.Readings) != 2*len(alone.Readings) || both.Rejected != 2*alone.Rejected {
			t.Fatalf("%d and %d alone, %d and %d twice", len(alone.Readings), alone.Rejected, len(both.Readings), both.Rejected)
		}
		if len(alone.Readings) == 1 && (both.Readings[0] != alone.Readings[0] || both.Readings[1] != alone.Readings[0]) {
			t.Fatalf("%+v, alone %+v", both.Readings, alone.Readings)
		}
	})
}

// FuzzTime compares with package time.
func FuzzTime(f *testing.F) {
	for _, seed := range []string{"2026-11-23T13:00:05.123456789+01:00", "2024-02-29T23:59:59Z", "1795438805.25", "1e9", "2026-11-23 13:00:05Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r fleet.Reading
		flawed := readTime([]byte(text), &r)
		if len(text) < 20 || text[4] != '-' {
			return
		}
		want, err := time.Parse(time.RFC3339Nano, strings.Replace(strings.ToUpper(text), " ", "T", 1))
		fits := err == nil && want.Unix() < math.MaxInt64/second && want.Unix() > -math.MaxInt64/second
		switch {
		case !flawed.any() && (err != nil || r.Time != want.UnixNano()):
			t.Fatalf("%s is read as %s, not %s (%v)", text, time.Unix(0, r.Time).UTC(), want, err)
		case flawed.any() && fits && want.Format(time.RFC3339Nano) == text:
			t.Fatalf("%s is not read: %s", text, flawed.String())
		}
	})
}

// FuzzNumber compares with strconv.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"71.3", "-0", "1e22", "9007199254740993", "1e-400", "0.1e1", "123456789012345678901", "1E+5", "+.5", "1_0", "0x1p4", "Inf"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := strconv.ParseFloat(strings.Trim(text, " \t\r\n"), 64)
		var r fleet.Reading
		flawed := readValue([]byte(text), &r)
		switch {
		case !flawed.any() && (err != nil || math.Float64bits(r.Value) != math.Float64bits(want)):
			t.Fatalf("%q is %v, not %v (%v)", text, r.Value, want, err)
		case flawed.any() && err == nil && !math.IsNaN(want) && !math.IsInf(want, 0) && !strings.ContainsAny(text, "xX_"):
			t.Fatalf("%q is not read: %s", text, flawed.String())
		}
	})
}
