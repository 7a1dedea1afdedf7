package readings

import (
	"strings"
	"testing"
)

func TestParseColumns(t *testing.T) {
	for text, want := range map[string]Columns{
		"": {},
		"time=TS,device=Device,tag=Tag,value=Value":  {"TS", "Device", "Tag", "Value"},
		" value = raw value , tag=T ":                {Tag: "T", Value: "raw value"},
		`time="a,b", value="say ""hi""" ,tag= " x "`: {Time: "a,b", Value: `say "hi"`, Tag: " x "},
		"device=a=b": {Device: "a=b"},
	} {
		if got, err := ParseColumns(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"TS":                 `"TS" is none of time, device, tag and value: write time=NAME,device=NAME,tag=NAME,value=NAME, or a part of it`,
		"Time=TS":            `"Time" is none of time, device, tag and value: write time=NAME,device=NAME,tag=NAME,value=NAME, or a part of it`,
		"time":               "time has no name: write time=NAME",
		"time=":              "time: the name is empty",
		"time=,device=d":     "time: the name is empty",
		"time=a,time=b":      "time is given twice",
		"time=a,":            "time: nothing follows the last comma",
		`time="a`:            "time: the quote before the name is not closed",
		`time="a"b,device=c`: `time: "b,device=c" follows the quoted name; a comma belongs there`,
		`time="",device=d`:   "time: the name is empty",
		"time=a,,device=b":   `",device" is none of time, device, tag and value: write time=NAME,device=NAME,tag=NAME,value=NAME, or a part of it`,
	} {
		if got, err := ParseColumns(text); err == nil || err.Error() != want {
			t.Errorf("%q: %+v, error\n\t%v\nwant\n\t%s", text, got, err, want)
		}
	}
}

func TestFindColumns(t *testing.T) {
	for _, tt := range []struct {
		header string
		given  Columns
		want   [roles]int
		err    string
	}{
		{header: "TS,Device,Tag,Value", want: [roles]int{0, 1, 2, 3}},
		{header: "value,Sensor ID,x,device_id,EVENT-TIME", want: [roles]int{4, 3, 1, 0}},
		{header: "time,timestamp,device,sensor,tag,val,value", want: [roles]int{1, 2, 4, 6}},
		{header: "reading,measurement,asset,EventEnqueuedUtcTime", want: [roles]int{3, 2, 1, 0}},
		{header: "ts,device,tag,x,value", given: Columns{Value: "x"}, want: [roles]int{0, 1, 2, 3}},
		{header: "ts,device,tag,X,x", given: Columns{Value: "x"}, want: [roles]int{0, 1, 2, 4}},
		{header: "ts,device,tag, X ", given: Columns{Value: "x"}, want: [roles]int{0, 1, 2, 3}},
		{header: "time,ts,device,tag,value", given: Columns{Device: "ts"}, want: [roles]int{0, 1, 3, 4}},
		{
			header: "a,b", given: Columns{Time: "c"},
			err: `no column "c" (for time); the header has "a", "b"`,
		},
		{
			header: "ts,device,tag,X,x", given: Columns{Value: "xX"},
			err: `no column "xX" (for value); the header has "ts", "device", "tag", "X", "x"`,
		},
		{
			header: "ts,device,tag,X,x ", given: Columns{Value: "x"},
			err: `the header has more than one column "x" (for value)`,
		},
		{
			header: "ts,device,tag,x,x", given: Columns{Value: "x"},
			err: `the header has more than one column "x" (for value)`,
		},
		{
			header: "ts,device,tag,value", given: Columns{Device: "tag", Tag: "Tag"},
			err: `column "Tag" is named for both device and tag`,
		},
		{
			header: "ts,device,device_id,Device ID,tag,value", want: [roles]int{0, 1, 4, 5},
		},
		{
			header: "ts,device_id,Device ID,tag,value",
			err:    `columns "device_id" and "Device ID" may both be the device; say which with --columns device=NAME`,
		},
		{
			header: "ts,device,value,w",
			err:    `no column is called like a tag (tag, tagid, tagname …); the header has "ts", "device", "value", "w"; say which it is with --columns tag=NAME`,
		},
		{
			header: strings.Repeat("x", 50) + strings.Repeat(",y", 30),
			err: `no column is called like a time (ts, timestamp, time …); the header has "` + strings.Repeat("x", 40) + `"…` +
				strings.Repeat(`, "y"`, 19) + ` and 11 more; say which it is with --columns time=NAME`,
		},
	} {
		got, err := findColumns(strings.Split(tt.header, ","), tt.given, []role{timeRole, deviceRole, tagRole, valueRole})
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%q: %v, error\n\t%v\nwant\n\t%s", tt.header, got, err, tt.err)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%q: %v, %v; want %v", tt.header, got, err, tt.want)
		}
	}
}

// A name that served two roles would make a header's meaning depend on the
// others in it; and names must be as fold writes them, or they are never found.
func TestUsualNames(t *testing.T) {
	seen := map[string]role{}
	for r, names := range usual {
		for _, name := range names {
			if other, ok := seen[name]; ok {
				t.Errorf("%q is a usual name of %s and of %s", name, other, role(r))
			}
			if fold(name) != name {
				t.Errorf("%q is written %q when it is compared", name, fold(name))
			}
			seen[name] = role(r)
		}
	}
}
