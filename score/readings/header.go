package readings

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// usual lists the names by which a column is found, the likelier first, as fold
// writes them. One name never serves two roles.
var usual = [roles][]string{
	timeRole: {"ts", "timestamp", "time", "datetime", "eventtime", "eventtimestamp", "eventdatetime",
		"timestamputc", "timeutc", "datetimeutc", "utctimestamp", "utctime", "enqueuedtime", "enqueuedtimeutc",
		"eventenqueuedutctime", "eventenqueuedtime", "sourcetimestamp", "sampletime", "readingtime", "measurementtime",
		"recordedat", "observedat", "createdat", "epoch", "unixtime", "date",
		"windowstart", "starttime", "start"},
	deviceRole: {"device", "deviceid", "devicename", "asset", "assetid", "assetname", "machine", "machineid", "machinename",
		"equipment", "equipmentid", "equipmentname", "thing", "thingid", "thingname", "station", "stationid", "stationname",
		"iothubdeviceid", "iothubconnectiondeviceid", "unit", "unitid"},
	tagRole: {"tag", "tagid", "tagname", "sensor", "sensorid", "sensorname", "metric", "metricid", "metricname",
		"signal", "signalid", "signalname", "measurement", "measurementid", "measurementname", "point", "pointid", "pointname",
		"channel", "channelid", "channelname", "variable", "variablename", "parameter", "parametername", "attribute", "field"},
	valueRole: {"value", "val", "reading", "readingvalue", "sensorvalue", "tagvalue", "metricvalue", "measuredvalue",
		"numericvalue", "doublevalue"},
}

// shown is how many of a header's columns a message lists.
const shown = 20

// fold makes names that differ in case, spaces, _ and - alike.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '_', '-':
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// places says at which index of a header the columns stand.
type places struct {
	role [roles]int // -1: not needed
	// value is where the columns of the features are, in their order.
	value []int
}

// last is the greatest index.
func (p *places) last() int { return max(slices.Max(p.role[:]), slices.Max(p.value)) }

// findPlaces looks for the columns of the roles and the features in a header.
func findPlaces(header []string, opt Options, features []string) (places, error) {
	needed := []role{timeRole, deviceRole}
	if !opt.Untagged {
		needed = append(needed, tagRole)
	}
	if slices.Contains(features, "") {
		needed = append(needed, valueRole)
	}
	at, err := findColumns(header, opt.Columns, needed)
	if err != nil {
		return places{}, err
	}
	if opt.Untagged {
		at[tagRole] = at[deviceRole] // its text is not looked at
	}
	p := places{role: at, value: make([]int, len(features))}
	for i, name := range features {
		p.value[i] = at[valueRole]
		if name == "" {
			continue
		}
		if p.value[i], err = findGiven(header, "a feature", name); err != nil {
			return places{}, err
		}
		if other := slices.Index(at[:valueRole], p.value[i]); other >= 0 {
			return places{}, fmt.Errorf("column %s is the %s; it cannot be a feature too", excerpt([]byte(name)), role(other))
		}
	}
	return p, nil
}

// findColumns says at which index of the header each needed role's column stands.
func findColumns(header []string, want Columns, needed []role) (at [roles]int, err error) {
	at = [roles]int{-1, -1, -1, -1}
	for _, r := range needed {
		if name := *want.of(r); name != "" {
			if at[r], err = findGiven(header, r.String(), name); err != nil {
				return at, err
			}
			if other := slices.Index(at[:r], at[r]); other >= 0 {
				return at, fmt.Errorf("column %s is named for both %s and %s", excerpt([]byte(name)), role(other), r)
			}
		}
	}
	folded := make([]string, len(header))
	for i, name := range header {
		folded[i] = fold(name)
	}
	for _, r := range needed {
		if at[r] >= 0 {
			continue
		}
		if at[r], err = findUsual(header, folded, r, at[:]); err != nil {
			return at, err
		}
	}
	return at, nil
}

// findGiven looks for the name itself, then for one that differs in case only.
func findGiven(header []string, what, name string) (int, error) {
	for _, same := range []func(string) bool{
		func(s string) bool { return s == name },
		func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) },
	} {
		i := slices.IndexFunc(header, same)
		if i < 0 {
			continue
		}
		if slices.ContainsFunc(header[i+1:], same) {
			return -1, fmt.Errorf("the header has more than one column %s (for %s)", excerpt([]byte(name)), what)
		}
		return i, nil
	}
	return -1, fmt.Errorf("no column %s (for %s); the header has %s", excerpt([]byte(name)), what, list(header))
}

// findUsual looks for the role's usual names among the columns not yet taken.
func findUsual(header, folded []string, r role, taken []int) (int, error) {
	for _, name := range usual[r] {
		found := -1
		for i, f := range folded {
			if f != name || slices.Contains(taken, i) {
				continue
			}
			if found >= 0 {
				return -1, fmt.Errorf("columns %s and %s may both be the %s; say which with --columns %s=NAME",
					excerpt([]byte(header[found])), excerpt([]byte(header[i])), r, r)
			}
			found = i
		}
		if found >= 0 {
			return found, nil
		}
	}
	return -1, fmt.Errorf("no column is called like a %s (%s …); the header has %s; say which it is with --columns %s=NAME",
		r, strings.Join(usual[r][:3], ", "), list(header), r)
}

func list(header []string) string {
	var b strings.Builder
	for i, name := range header[:min(shown, len(header))] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(excerpt([]byte(name)))
	}
	if more := len(header) - shown; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// A foreign format begins with magic and is often taken for CSV.
type foreign struct{ magic, is string }

var foreigners = []foreign{
	{parquetMagic, "a Parquet file, which must be given as a file: not as a stream, nor compressed again"},
	{"PK\x03\x04", "a zip archive or an Excel workbook"},
	{"\xd0\xcf\x11\xe0", "an Excel workbook"},
	{"Obj\x01", "an Avro file"},
	{"ARROW1", "an Arrow file"},
	{"\x89HDF", "an HDF5 file"},
	{"SQLite format 3\x00", "a SQLite database"},
	{"BZh91AY&SY", "data compressed with bzip2"},
	{"\xfd7zXZ\x00", "data compressed with xz"},
	{"\x04\x22\x4d\x18", "data compressed with lz4"},
	{gzipMagic, "data compressed twice"},
	{zstdMagic, "data compressed twice"},
	{"\xff\xfe", "UTF-16 text"},
	{"\xfe\xff", "UTF-16 text"},
}

// longestMagic is how much of a file checkMagic wants to see.
const longestMagic = 16

const understood = "; readings are read from Parquet files, and from CSV or JSON lines in UTF-8, plain or compressed with gzip or zstd"

var errNotText = errors.New("not CSV but UTF-16 text or binary: the first line has NUL bytes" + understood)

// checkMagic says why a file that starts like this cannot be CSV.
func checkMagic(start []byte) error {
	for _, f := range foreigners {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return errors.New("not CSV but " + f.is + understood)
		}
	}
	return nil
}
