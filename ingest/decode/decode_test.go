package decode

import (
	"reflect"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
)

const now = 1_700_000_000_000_000_000

// at is 2026-11-23T13:00:05Z.
const at = 1_795_438_805_000_000_000

func decodeAll(t testing.TB, d *Decoder, format Format, body string) Batch {
	t.Helper()
	var b Batch
	if err := d.Decode(format, []byte(body), now, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode(t *testing.T) {
	full := fleet.Reading{Device: "pump-7", Tag: "temperature", Time: at, Value: 71.3}
	stamped := fleet.Reading{Device: "pump-7", Tag: "temperature", Time: now, Value: 71.3, Received: true}
	withSeq := full
	withSeq.Seq, withSeq.HasSeq = 18446744073709551615, true
	for name, test := range map[string]struct {
		format Format
		body   string
		want   []fleet.Reading
		faults []Fault
	}{
		"object":           {JSON, `{"device":"pump-7","tag":"temperature","ts":"2026-11-23T13:00:05Z","value":71.3}`, []fleet.Reading{full}, nil},
		"other order":      {JSON, " {\"value\" : 71.3 ,\n\"unit\":{\"a\":[1,{}]}, \"timestamp\":1795438805000,\"tag\":\"temperature\", \"device\":\"pump-7\"} ", []fleet.Reading{full}, nil},
		"escapes":          {JSON, `{"dev\u0069ce":"pump\u002d7","tag":"temperature","time":1795438805,"value":713e-1,"seq":18446744073709551615}`, []fleet.Reading{withSeq}, nil},
		"no time":          {JSON, `{"device":"pump-7","tag":"temperature","value":71.3,"seq":null,"ts":null}`, []fleet.Reading{stamped}, nil},
		"array":            {JSON, `[{"device":"pump-7","tag":"temperature","ts":"2026-11-23T14:00:05.000+01:00","value":71.3},{"device":"pump-7","tag":"temperature","value":"71.3"}, 5, {}]`, []fleet.Reading{full}, []Fault{{0, 2, BadValue, `"\"71.3\"" is not a number`}, {0, 3, BadJSON, `"5" is not an object`}, {0, 4, BadName, "device is missing"}}},
		"empty array":      {JSON, `[]`, nil, nil},
		"broken array":     {JSON, `[{"device":"a","tag":"b","value":1},{},`, nil, []Fault{{0, 0, BadJSON, "the JSON ends too soon"}}},
		"after it":         {JSON, `{"device":"a","tag":"b","value":1} {}`, nil, []Fault{{0, 0, BadJSON, `"{}" follows the end of the JSON`}}},
		"empty":            {JSON, ``, nil, []Fault{{0, 0, BadJSON, "the JSON ends too soon"}}},
		"not finite":       {JSON, `{"device":"a","tag":"b","value":NaN}`, nil, []Fault{{0, 0, BadJSON, `"NaN}" is where it stops being JSON`}}},
		"too large":        {JSON, `{"device":"a","tag":"b","value":1e400}`, nil, []Fault{{0, 0, BadValue, `"1e400" is too large for a float64`}}},
		"twice":            {JSON, `{"device":"a","tag":"b","value":1,"value":2}`, nil, []Fault{{0, 0, BadJSON, `"value" is given twice`}}},
		"times twice":      {JSON, `{"device":"a","tag":"b","value":1,"ts":2,"time":2}`, nil, []Fault{{0, 0, BadJSON, `"time" is given twice`}}},
		"nested":           {JSON, `{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, nil, []Fault{{0, 0, BadJSON, `"[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}" is nested too deep`}}},
		"half a character": {JSON, `[{"device":"\ud800","tag":"b","value":1},{"device":"a","tag":"\udc00\ud800","value":1}]`, nil, []Fault{{0, 0, BadJSON, `"\",\"tag\":\"b\",\"value\":1},{\"device\":\"a\",\"tag\":\"\\udc00\\ud800\",\"v"… is where it stops being JSON`}}},
		"kinds": {NDJSON, `{"device":1,"tag":"b","value":1}
{"device":"a","tag":null,"value":1}
{"device":"a","tag":"b","value":1,"ts":[]}
{"device":"a","tag":"b","value":1,"ts":"23.11.2026"}
{"device":"a","tag":"b","value":1,"seq":1.5}
{"device":"a","tag":"b","value":1,"seq":18446744073709551616}
{"device":"a","tag":"b","value":true}
{"device":"","tag":"b","value":1}`, nil, []Fault{
			{1, 0, BadName, `"1" is not text, as the device must be`}, {2, 0, BadName, `"null" is not text, as the tag must be`},
			{3, 0, BadTime, `"[]" is neither text nor a number, as the time must be`}, {4, 0, BadTime, `"23.11.2026" is neither a time of RFC 3339, such as 2026-11-23T13:00:05Z, nor a number`},
			{5, 0, BadSeq, `"1.5" is not a whole number from 0 on`}, {6, 0, BadSeq, `"18446744073709551616" is larger than 2^64-1`},
			{7, 0, BadValue, `"true" is not a number`}, {8, 0, BadName, "device is empty"}}},
		"ndjson": {NDJSON, "\ufeff{\"device\":\"pump-7\",\"tag\":\"temperature\",\"value\":71.3}\r\n\n  \n{]\n{\"device\":\"" + strings.Repeat("x", 300) + "\",\"tag\":\"t\",\"value\":1}\n{} {}\n{\"device\":\"pump-7\",\"tag\":\"temperature\",\"value\":71.3}", []fleet.Reading{stamped, stamped}, []Fault{
			{4, 0, BadJSON, `"]" is where it stops being JSON`}, {5, 0, BadName, `"` + strings.Repeat("x", 60) + `"… is too long for a device`}, {6, 0, BadJSON, `"{}" follows the end of the JSON`}}},
		"long line": {NDJSON, strings.Repeat(" ", 70_000) + "\n" + `{"device":"pump-7","tag":"temperature","value":71.3}`, []fleet.Reading{stamped}, []Fault{{1, 0, TooLarge, "the line is longer than 65536 bytes"}}},
		"csv":       {CSV, "\ufeffDevice_ID,Sensor,TimeStamp,Value,unit,seq\r\npump-7,temperature,2026-11-23T13:00:05Z,71.3,C,\r\n\"pump-7\",\"temp\"\"erature\",1795438805, 71.3 ,\"a,b\",7\n", []fleet.Reading{full, {Device: "pump-7", Tag: `temp"erature`, Time: at, Value: 71.3, Seq: 7, HasSeq: true}}, nil},
		"csv faults": {CSV, "device,tag,ts,value\npump-7,temperature,,71.3\n\na,b,c,1\na,b\na,b,1,nan\na,b,1,0x10\na,b,1,\n\"a,b,1,2\n,b,1,2\n\xff,b,1,2\na,b,1,1e999", []fleet.Reading{stamped}, []Fault{
			{4, 0, BadTime, `"c" is neither a time of RFC 3339, such as 2026-11-23T13:00:05Z, nor a number`}, {5, 0, BadCSV, "the row has not as many cells as the header"},
			{6, 0, BadValue, `"nan" is not finite`}, {7, 0, BadValue, `"0x10" is not a number`}, {8, 0, BadValue, "value is missing"},
			{9, 0, BadCSV, `"\"a,b,1,2" is a cell whose quotes do not match`}, {10, 0, BadName, "device is empty"}, {11, 0, BadName, `device "\xff" is not UTF-8`}, {12, 0, BadValue, `"1e999" is too large for a float64`}}},
		"no header":   {CSV, "a,b,1,2\n", nil, []Fault{{1, 0, BadCSV, `"a,b,1,2" is a header without a column device`}}},
		"no time row": {CSV, "device,tag,value\n", nil, []Fault{{1, 0, BadCSV, `"device,tag,value" is a header without a column ts; it may have empty cells, of readings that have no time`}}},
		"two columns": {CSV, "device,tag,ts,value,Value\n", nil, []Fault{{1, 0, BadCSV, `"value" is in the header twice`}}},
		"no csv":      {CSV, "\n\n", nil, []Fault{{1, 0, BadCSV, "there is no header row"}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := decodeAll(t, New(Limits{}), test.format, test.body)
			if len(b.Readings)+len(test.want) > 0 && !reflect.DeepEqual(b.Readings, test.want) {
				t.Errorf("readings\n%+v, not\n%+v", b.Readings, test.want)
			}
			if !reflect.DeepEqual(b.Faults, test.faults) || b.Rejected != len(test.faults) {
				t.Errorf("%d faults\n%+v, not\n%+v", b.Rejected, b.Faults, test.faults)
			}
		})
	}
}

func TestPayload(t *testing.T) {
	both := fleet.Sensor{Device: "pump-7", Tag: "temperature"}
	want := fleet.Reading{Device: "pump-7", Tag: "temperature", Time: now, Value: 71.3, Received: true}
	timed := want
	timed.Time, timed.Received = at, false
	for name, test := range map[string]struct {
		payload string
		sensor  fleet.Sensor
		want    []fleet.Reading
		fault   string
	}{
		"number":          {" 71.3\n", both, []fleet.Reading{want}, ""},
		"plus":            {"+71.30", both, []fleet.Reading{want}, ""},
		"object":          {`{"value":71.3,"ts":1795438805}`, both, []fleet.Reading{timed}, ""},
		"many":            {`[{"value":71.3},{"value":71.3,"ts":1795438805}]`, both, []fleet.Reading{want, timed}, ""},
		"agrees":          {`{"device":"pump-7","tag":"temperature","value":71.3}`, both, []fleet.Reading{want}, ""},
		"tag inside":      {`{"tag":"temperature","value":71.3}`, fleet.Sensor{Device: "pump-7"}, []fleet.Reading{want}, ""},
		"another":         {`{"device":"pump-8","value":71.3}`, both, nil, `"pump-8" is not the device that the topic says`},
		"empty":           {"", both, nil, "value is missing"},
		"text":            {"on", both, nil, `"on" is not a number`},
		"not finite":      {"-inf", both, nil, `"-inf" is not finite`},
		"number, no tag":  {"71.3", fleet.Sensor{Device: "pump-7"}, nil, "tag is missing: the topic does not say it, and a bare number cannot"},
		"object, no tag":  {`{"value":71.3}`, fleet.Sensor{Device: "pump-7"}, nil, "tag is missing"},
		"broken, 1st fit": {`[{"value":71.3},{]`, both, nil, `"]" is where it stops being JSON`},
	} {
		t.Run(name, func(t *testing.T) {
			var b Batch
			if err := New(Limits{}).Payload([]byte(test.payload), test.sensor, now, &b); err != nil {
				t.Fatal(err)
			}
			if len(b.Readings)+len(test.want) > 0 && !reflect.DeepEqual(b.Readings, test.want) {
				t.Errorf("readings\n%+v, not\n%+v", b.Readings, test.want)
			}
			if got := strings.Join(details(b.Faults), "; "); got != test.fault {
				t.Errorf("faults %q, not %q", got, test.fault)
			}
		})
	}
}

func details(faults []Fault) (all []string) {
	for _, f := range faults {
		all = append(all, f.Error())
	}
	return all
}

func TestTooMany(t *testing.T) {
	line := `{"device":"a","tag":"b","value":1}`
	d := New(Limits{Readings: 3})
	b := Batch{Readings: make([]fleet.Reading, 5)}
	for format, body := range map[Format]string{
		NDJSON: strings.Repeat(line+"\n", 4), CSV: "device,tag,ts,value\n" + strings.Repeat("a,b,,1\n", 4),
		JSON: "[" + strings.Repeat(line+",", 3) + line + "]",
	} {
		if err := d.Decode(format, []byte(body), now, &b); err == nil || err.Error() != "too many readings for one request: the most is 3" || len(b.Readings) != 5 {
			t.Errorf("%d: %v, %d readings", format, err, len(b.Readings))
		}
	}
	if err := d.Decode(NDJSON, []byte(strings.Repeat(line+"\n", 3)), now, &b); err != nil || len(b.Readings) != 8 {
		t.Errorf("%v, %d readings", err, len(b.Readings))
	}
	if err := d.Decode(9, nil, now, &b); err == nil {
		t.Error("took a format that there is not")
	}
}

// A batch that is used again keeps nothing of what it had.
func TestReset(t *testing.T) {
	d := New(Limits{})
	b := decodeAll(t, d, NDJSON, "{}\n"+`{"device":"a","tag":"b","value":1}`)
	b.Reset()
	if !reflect.DeepEqual(b, Batch{Readings: []fleet.Reading{}, Causes: []Count{}, Faults: []Fault{}}) {
		t.Errorf("%+v", b)
	}
	if first := b.Readings[:1][0]; first != (fleet.Reading{}) {
		t.Errorf("it keeps %+v", first)
	}
}

// Names are remembered in bounded memory, and stay right.
func TestNames(t *testing.T) {
	n := names{role: "device", limit: 4}
	for i := range 100 {
		want := strings.Repeat("x", i%11+1)
		if got, f := n.name([]byte(want)); got != want || f.any() {
			t.Fatalf("%q, %v for %q", got, f, want)
		}
	}
	if len(n.fresh)+len(n.old) > 8 {
		t.Errorf("%d names of at most 8", len(n.fresh)+len(n.old))
	}
}
