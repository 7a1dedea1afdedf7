package decode

import (
	"bytes"
	"slices"
	"strings"
)

// columns says at which index of a row what stands.
type columns struct{ device, tag, time, value, seq, count int }

// usual are the names by which a column is found, the likelier first, as fold
// writes them.
func usual(role string) []string {
	switch role {
	case "device":
		return []string{"device", "deviceid", "devicename", "asset", "assetid", "machine", "machineid", "equipment", "equipmentid", "thing", "thingid", "station", "stationid"}
	case "tag":
		return []string{"tag", "tagid", "tagname", "sensor", "sensorid", "sensorname", "metric", "metricname", "signal", "signalname", "measurement", "channel", "variable", "parameter"}
	case "time":
		return []string{"ts", "timestamp", "time", "datetime", "eventtime", "eventtimestamp", "timestamputc", "timeutc"}
	case "value":
		return []string{"value", "val", "reading", "sensorvalue", "tagvalue"}
	}
	return []string{"seq", "sequence", "sequencenumber"}
}

// findColumns looks for the columns in a header.
func findColumns(header [][]byte) (at columns, f flaw) {
	folded := make([]string, len(header))
	for i, name := range header {
		folded[i] = fold(name)
	}
	find := func(role string) int {
		for _, name := range usual(role) {
			i := slices.Index(folded, name)
			if i < 0 {
				continue
			}
			if slices.Contains(folded[i+1:], name) {
				f.first(flaw{BadCSV, "is in the header twice", append([]byte{}, header[i]...)})
			}
			return i
		}
		if role != "seq" {
			hint := "is a header without a column " + role
			if role == "time" {
				hint = "is a header without a column ts; it may have empty cells, of readings that have no time"
			}
			f.first(flaw{BadCSV, hint, bytes.Join(header, []byte(","))})
		}
		return -1
	}
	at = columns{find("device"), find("tag"), find("time"), find("value"), find("seq"), len(header)}
	return at, f
}

// fold makes names that differ in case, spaces, _ and - alike.
func fold(name []byte) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "\t", "", "_", "", "-", "").Replace(string(name)))
}
