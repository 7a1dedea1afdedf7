package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// Share is a part of a whole, as users write it: 2%, 0.1%, or 0.02.
type Share float64

// UnmarshalText reads a share between 0 and 1.
func (s *Share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return fmt.Errorf("%.60q is not a share such as 0.1%%", text)
	}
	*s = Share(v)
	return nil
}

// MarshalText writes percents.
func (s Share) MarshalText() ([]byte, error) {
	return []byte(strconv.FormatFloat(float64(s)*100, 'g', 6, 64) + "%"), nil
}

// Rate is how often something happens in a second, as users write it: 1/s, 6/m, 0.5/s.
type Rate float64

// UnmarshalText reads a rate of more than 0.
func (r *Rate) UnmarshalText(text []byte) error {
	number, unit, _ := strings.Cut(string(text), "/")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	seconds := map[string]float64{"s": 1, "m": 60, "h": 3600, "d": 86400}[strings.TrimSpace(unit)]
	if err != nil || seconds == 0 || !(v > 0) || math.IsInf(v, 0) {
		return fmt.Errorf("%.60q is not a rate such as 1/s, 6/m or 0.5/h", text)
	}
	*r = Rate(v / seconds)
	return nil
}

// MarshalText writes a rate for a second.
func (r Rate) MarshalText() ([]byte, error) {
	return []byte(strconv.FormatFloat(float64(r), 'g', 6, 64) + "/s"), nil
}

// Target is where to send, and how, for all ways of sending.
type Target struct {
	URL         string // http:, https:, mqtt: or mqtts:, or - for Output
	Output      io.Writer
	Token       string
	Connections int
	Gzip        bool
	Protocol    int // of MQTT
}

// NewSender is the sender that the target's URL asks for.
func NewSender(t Target, tally *Tally) (Sender, error) {
	if t.URL == "-" {
		return NewLines(t.Output, tally), nil
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		u = &url.URL{}
	}
	switch u.Scheme {
	case "http", "https":
		return NewHTTP(HTTPConfig{URL: t.URL, Token: t.Token, Connections: t.Connections, Gzip: t.Gzip}, tally)
	case "mqtt", "mqtts":
		return NewMQTT(MQTTConfig{URL: t.URL, Token: t.Token, Connections: t.Connections, Protocol: t.Protocol}, tally)
	}
	return nil, fmt.Errorf("%q is not an address such as mqtt://127.0.0.1:1883 or http://127.0.0.1:8321", t.URL)
}

// Finish closes a sender when it is time to end: what is not settled by when ctx
// ends is given up, and counted, and that is no error.
func Finish(ctx context.Context, s Sender) error {
	err := s.Close(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		err = nil
	}
	return err
}
