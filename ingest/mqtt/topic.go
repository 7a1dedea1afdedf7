package mqtt

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// DefaultTopic is the template of topics if there is no other.
const DefaultTopic = "readings/{device}/{tag}"

// template says where in a topic device and tag are.
type template []string

// parseTemplate reads a template: levels, of which one is {device} and one may be
// {tag}, and all others are as they stand.
func parseTemplate(text string) (template, error) {
	levels := strings.Split(text, "/")
	count := map[string]int{}
	for _, level := range levels {
		count[level]++
		if level != "{device}" && level != "{tag}" && strings.ContainsAny(level, "{}+#\x00") {
			return nil, fmt.Errorf("topic: the level %q of %q is neither {device} nor {tag} nor plain text", level, text)
		}
	}
	if count["{device}"] != 1 || count["{tag}"] > 1 {
		return nil, fmt.Errorf("topic: %q must have {device} once, and {tag} at most once, such as %s", text, DefaultTopic)
	}
	return levels, nil
}

// sensor finds the names in a topic. If the template has no tag, there is none.
func (t template) sensor(topic []byte) (s fleet.Sensor, err error) {
	rest, more := topic, true
	for i, level := range t {
		var part []byte
		if !more {
			return s, t.unlike(topic)
		}
		part, rest, more = bytes.Cut(rest, []byte("/"))
		switch level {
		case "{device}":
			s.Device = string(part)
			err = fleet.CheckName("device", s.Device)
		case "{tag}":
			s.Tag = string(part)
			err = fleet.CheckName("tag", s.Tag)
		default:
			if string(part) != level {
				return s, t.unlike(topic)
			}
		}
		if err != nil {
			return s, fmt.Errorf("topic %.200q: %w", topic, err)
		}
		if i == len(t)-1 && more {
			return s, t.unlike(topic)
		}
	}
	return s, nil
}

func (t template) unlike(topic []byte) error {
	return fmt.Errorf("topic %.200q is not like %s", topic, strings.Join(t, "/"))
}
