package predictions

import (
	"bytes"
	"strconv"
	"strings"
)

// CSV encodes predictions as lines of text. It has no state between batches, so
// that batches can be encoded in parallel and joined.
type CSV struct {
	Layout  Layout
	Columns Columns
}

// Layout says what goes into one file.
type Layout int

// The layouts.
const (
	Single Layout = iota // all sensors in one file
	Sensor               // a file for each sensor
)

// Header is the first line.
func (c CSV) Header() []byte {
	first, tag, value, last := "time,device", ",tag", "value", ",score,anomaly,model\n"
	if c.Columns.Run != "" {
		last = ",score,anomaly,model,run,rev\n"
	}
	if c.Layout == Sensor {
		first, tag, value, last = "TS,Device", ",Tag", "Val", ",Prediction\n"
	}
	header := []byte(first)
	if !c.Columns.Device {
		header = append(header, tag...)
	}
	for _, name := range c.Columns.Features {
		if name == "value" {
			name = value
		}
		header = appendField(append(header, ','), name)
	}
	return append(header, last...)
}

// Append adds a line for each scored row of b to dst.
func (c CSV) Append(dst []byte, b Batch) []byte {
	var names []byte
	names = append(names, ',')
	names = appendField(names, b.Sensor.Device)
	if !c.Columns.Device {
		names = append(names, ',')
		names = appendField(names, b.Sensor.Tag)
	}
	for i, anomaly := range b.Anomaly {
		if anomaly == NotScored {
			continue
		}
		dst = c.appendTime(dst, b, i)
		dst = append(dst, names...)
		for j, v := range b.Block.Row(i) {
			dst = c.appendValue(append(dst, ','), v, c.Columns.Integers[j])
		}
		if c.Layout == Sensor {
			dst = append(dst, ',', '0'+byte(anomaly), '\n')
			continue
		}
		dst = append(dst, ',')
		dst = appendFloat(dst, b.Score[i])
		dst = append(dst, ',', '0'+byte(anomaly), ',')
		dst = append(dst, b.Model...)
		if c.Columns.Run != "" {
			dst = appendField(append(dst, ','), c.Columns.Run)
			dst = strconv.AppendInt(append(dst, ','), int64(c.Columns.Rev), 10)
		}
		dst = append(dst, '\n')
	}
	return dst
}

func (c CSV) appendTime(dst []byte, b Batch, i int) []byte {
	from := len(dst)
	dst = b.Block.AppendTime(dst, i)
	if bytes.ContainsAny(dst[from:], special) {
		text := string(dst[from:])
		return appendField(dst[:from], text)
	}
	return dst
}

func (c CSV) appendValue(dst []byte, v float64, integer bool) []byte {
	if integer {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return appendFloat(dst, v)
}

// special are the characters for which Python's csv module quotes a field.
const special = ",\"\r\n"

func appendField(dst []byte, s string) []byte {
	if !strings.ContainsAny(s, special) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
