package decode

import (
	"bytes"
	"strconv"

	"github.com/fleetscore/fleetscore/fleet"
)

// lines decodes an object a line.
func (d *Decoder) lines(body []byte, now int64, b *Batch) error {
	for n := 1; len(body) > 0; n++ {
		var line []byte
		line, body = cutLine(body)
		if len(line) > d.limits.Line {
			b.reject(n, 0, d.lineTooLong())
			continue
		}
		s := scanner{b: line}
		if s.space() == 0 && s.i == len(line) {
			continue
		}
		var r fleet.Reading
		wrong, broken := d.object(&s, nil, now, &r)
		if s.space(); !broken.any() && s.i < len(line) {
			broken = flaw{BadJSON, "follows the end of the JSON", line[s.i:]}
		}
		if broken.any() {
			wrong = broken
		}
		if err := d.add(b, &r, wrong, n, 0); err != nil {
			return err
		}
	}
	return nil
}

// cutLine cuts a line off the start of a body, without what ends it.
func cutLine(body []byte) (line, rest []byte) {
	if i := bytes.IndexByte(body, '\n'); i >= 0 {
		line, rest = body[:i], body[i+1:]
	} else {
		line = body
	}
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

func (d *Decoder) lineTooLong() flaw {
	return flaw{TooLarge, "the line is longer than " + strconv.Itoa(d.limits.Line) + " bytes", nil}
}
