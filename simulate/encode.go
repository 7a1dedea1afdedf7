package simulate

import (
	"strconv"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Names of a fleet need no escapes, neither in JSON nor in a topic: Validate sees
// to that.

// appendLine is a reading as a line of NDJSON.
func appendLine(b []byte, r *fleet.Reading) []byte {
	b = append(b, `{"device":"`...)
	b = append(b, r.Device...)
	b = append(b, `","tag":"`...)
	b = append(b, r.Tag...)
	b = append(b, `",`...)
	b = appendValue(b, r)
	return append(b, "}\n"...)
}

// appendPayload is a reading as a message of which the topic names the sensor.
func appendPayload(b []byte, r *fleet.Reading) []byte {
	return append(appendValue(append(b, '{'), r), '}')
}

func appendValue(b []byte, r *fleet.Reading) []byte {
	b = append(b, `"ts":"`...)
	t := time.Unix(0, r.Time).UTC()
	b = t.AppendFormat(b, time.RFC3339) // the layout that is fast
	ms := t.Nanosecond() / 1e6
	b = append(b[:len(b)-len("Z")], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	b = append(b, `Z","value":`...)
	return strconv.AppendFloat(b, r.Value, 'f', -1, 64)
}

func topic(r *fleet.Reading) string { return "readings/" + r.Device + "/" + r.Tag }
