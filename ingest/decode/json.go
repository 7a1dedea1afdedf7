package decode

import (
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
)

// What of a reading has been seen.
const (
	hasDevice = 1 << iota
	hasTag
	hasTime
	hasValue
	hasSeq
)

// document decodes an object or an array of objects. With a sensor, it is that of
// an MQTT topic.
func (d *Decoder) document(body []byte, sensor *fleet.Sensor, now int64, b *Batch) error {
	s := scanner{b: body}
	rejected, faults, causes := b.Rejected, len(b.Faults), slices.Clone(b.Causes)
	var err error
	var f flaw
	if s.space() == '[' {
		n := 0
		f = s.list(']', func() flaw {
			n++
			var r fleet.Reading
			wrong, broken := d.object(&s, sensor, now, &r)
			if broken.any() {
				return broken
			}
			if err = d.add(b, &r, wrong, 0, n); err != nil {
				return flaw{BadJSON, "has too many", nil}
			}
			return flaw{}
		})
	} else {
		var r fleet.Reading
		var wrong flaw
		if wrong, f = d.object(&s, sensor, now, &r); !f.any() {
			err = d.add(b, &r, wrong, 0, 0)
		}
	}
	if err != nil {
		return err
	}
	if s.space(); !f.any() && s.i < len(s.b) {
		f = flaw{BadJSON, "follows the end of the JSON", s.b[s.i:]}
	}
	if f.any() { // then nothing of it is to be believed
		b.Readings, b.Rejected = b.Readings[:d.base], rejected
		b.Faults, b.Causes = b.Faults[:faults], append(b.Causes[:0], causes...)
		b.reject(0, 0, f)
	}
	return nil
}

// object decodes a reading. It says what is wrong with the reading, and, if it is
// no JSON, where that is: then the scanner is lost.
func (d *Decoder) object(s *scanner, sensor *fleet.Sensor, now int64, r *fleet.Reading) (wrong, broken flaw) {
	if s.space() != '{' {
		at := s.i
		if broken = s.skip(1); broken.any() {
			return flaw{}, broken
		}
		return flaw{BadJSON, "is not an object", s.b[at:s.i]}, flaw{}
	}
	r.Time, r.Received = now, true
	seen := 0
	s.i++
	if s.space() == '}' {
		s.i++
	} else {
		for more := true; more; {
			if broken = d.member(s, r, &seen, &wrong); broken.any() {
				return flaw{}, broken
			}
			switch s.space() {
			case ',':
			case '}':
				more = false
			default:
				return flaw{}, s.broken()
			}
			s.i++
		}
	}
	if sensor != nil {
		wrong.first(agree("device", sensor.Device, &r.Device, &seen, hasDevice))
		wrong.first(agree("tag", sensor.Tag, &r.Tag, &seen, hasTag))
	}
	switch {
	case seen&hasDevice == 0:
		wrong.first(flaw{BadName, "device is missing", nil})
	case seen&hasTag == 0:
		wrong.first(flaw{BadName, "tag is missing", nil})
	case seen&hasValue == 0:
		wrong.first(flaw{BadValue, "value is missing", nil})
	}
	return wrong, flaw{}
}

// agree gives a reading the name that its topic says, unless its own is another.
func agree(role, topic string, name *string, seen *int, bit int) flaw {
	if topic == "" {
		return flaw{}
	}
	if *seen&bit != 0 && *name != "" && *name != topic {
		return flaw{BadName, "is not the " + role + " that the topic says", []byte(*name)}
	}
	*name = topic
	*seen |= bit
	return flaw{}
}

// member decodes a member of a reading.
func (d *Decoder) member(s *scanner, r *fleet.Reading, seen *int, wrong *flaw) (broken flaw) {
	if s.space() != '"' {
		return s.broken()
	}
	key, escaped, ok := s.text()
	if !ok || s.space() != ':' {
		return s.broken()
	}
	s.i++
	if escaped {
		d.scratch = unescape(d.scratch[:0], key)
		key = d.scratch
	}
	bit := 0
	switch string(key) {
	case "device":
		bit = hasDevice
	case "tag":
		bit = hasTag
	case "ts", "time", "timestamp":
		bit = hasTime
	case "value":
		bit = hasValue
	case "seq":
		bit = hasSeq
	default:
		return s.skip(1)
	}
	if *seen&bit != 0 {
		wrong.first(flaw{BadJSON, "is given twice", append([]byte{}, key...)})
	}
	*seen |= bit
	return d.field(s, r, bit, wrong)
}

// field decodes a member's value.
func (d *Decoder) field(s *scanner, r *fleet.Reading, bit int, wrong *flaw) (broken flaw) {
	c := s.space()
	start := s.i
	switch {
	case c == '"' && bit&(hasDevice|hasTag|hasTime) != 0:
		text, escaped, ok := s.text()
		if !ok {
			return s.broken()
		}
		if escaped {
			d.scratch = unescape(d.scratch[:0], text)
			text = d.scratch
		}
		wrong.first(d.texts(text, r, bit))
	case (c == '-' || isDigit(c)) && bit&(hasTime|hasValue|hasSeq) != 0:
		number, n := scanNumber(s.b[start:])
		if n == 0 {
			return s.broken()
		}
		s.i += n
		wrong.first(numbers(&number, s.b[start:s.i], r, bit))
	case c == 'n' && bit&(hasTime|hasSeq) != 0:
		if !s.literal("null") {
			return s.broken()
		}
	default:
		if broken = s.skip(1); broken.any() {
			return broken
		}
		wrong.first(unfit(bit, s.b[start:s.i]))
	}
	return flaw{}
}

func (d *Decoder) texts(text []byte, r *fleet.Reading, bit int) (f flaw) {
	switch bit {
	case hasDevice:
		r.Device, f = d.devices.name(text)
	case hasTag:
		r.Tag, f = d.tags.name(text)
	default:
		f = readTime(text, r)
	}
	if f.text != nil { // which may be the scratch
		f.text = append([]byte{}, f.text...)
	}
	return f
}

func numbers(number *decimal, text []byte, r *fleet.Reading, bit int) flaw {
	switch bit {
	case hasTime:
		return number.epoch(text, r)
	case hasSeq:
		return readSeq(text, r)
	}
	return number.value(text, r)
}

// unfit is that a member is of the wrong kind.
func unfit(bit int, text []byte) flaw {
	switch bit {
	case hasDevice:
		return flaw{BadName, "is not text, as the device must be", text}
	case hasTag:
		return flaw{BadName, "is not text, as the tag must be", text}
	case hasTime:
		return flaw{BadTime, "is neither text nor a number, as the time must be", text}
	case hasSeq:
		return flaw{BadSeq, "is not a whole number from 0 on", text}
	}
	return flaw{BadValue, "is not a number", text}
}
