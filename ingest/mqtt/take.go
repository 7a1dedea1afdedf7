package mqtt

import (
	"github.com/fleetscore/fleetscore/ingest"
)

const source = "mqtt"

// take handles a PUBLISH: its readings go into the flight that is being filled, and
// so does its acknowledgement.
func (c *conn) take(p packet) error {
	m, err := readPublish(p, c.v5)
	if err != nil {
		return err
	}
	if c.v5 && m.qos == 2 { // it was told so
		c.end(qosNotHere)
		return errEnded
	}
	if err := c.resolve(&m); err != nil {
		return err
	}
	to := c.target(m.topic)
	if to.code == notAuthorized && !c.v5 && m.qos > 0 { // there is no other way to say it
		c.l.cfg.Service.Reject(source, to.cause, 1, to.detail)
		return errEnded
	}
	f := c.flight(&m)
	code := to.code
	if code == success {
		code = c.decode(f, &m, &to)
	} else {
		f.batch.Reject(to.cause, 1, to.detail)
	}
	if m.qos > 0 {
		f.acks = appendAck(f.acks, &m, c.v5, code)
		f.count++
	}
	return nil
}

// resolve finds the topic of a message that has an alias for it.
func (c *conn) resolve(m *message) error {
	if !c.v5 || m.alias < 0 {
		if len(m.topic) == 0 {
			return errProtocol
		}
		return nil
	}
	if m.alias == 0 || m.alias > maxAliases {
		c.end(aliasInvalid)
		return errEnded
	}
	if len(m.topic) > 0 {
		if c.aliases[m.alias] != string(m.topic) {
			c.aliases[m.alias] = string(m.topic)
		}
		return nil
	}
	if m.topic = []byte(c.aliases[m.alias]); len(m.topic) == 0 {
		return errProtocol
	}
	return nil
}

// full reports whether a packet must wait until what has been read is submitted.
func (c *conn) full(p packet) bool {
	if p.kind != publish {
		return false
	}
	const least = len(`{"value":1}`)
	f := c.acked
	if p.flags>>1&3 == 0 {
		f = c.unacked
	}
	if f == nil {
		return false
	}
	n := len(f.batch.Readings)
	return n > 0 && n+len(p.body)/least+1 > maxReadings || f.count >= max(1, c.l.cfg.Inflight/2)
}

// flight is the one that a message belongs to.
func (c *conn) flight(m *message) *flight {
	f := &c.acked
	if m.qos == 0 {
		f = &c.unacked
	}
	if *f == nil {
		*f = c.l.flights.get(c)
	}
	return *f
}

// target says what a topic means.
func (c *conn) target(topic []byte) target {
	if to, ok := c.topics[string(topic)]; ok {
		return to
	}
	var to target
	var err error
	switch to.sensor, err = c.l.topics.sensor(topic); {
	case err != nil:
		to.code, to.cause, to.detail = badTopic, ingest.BadTopic, err.Error()
	case c.grant.May != nil && !c.grant.May(to.sensor.Device):
		to.code, to.cause = notAuthorized, ingest.NotAllowed
		to.detail = "a client may not send for device " + to.sensor.Device
	}
	if len(c.topics) >= maxTopics {
		clear(c.topics)
	}
	c.topics[string(topic)] = to
	return to
}

// decode decodes the payload of a message into a flight, and says what the client is
// told: success if anything was taken.
func (c *conn) decode(f *flight, m *message, to *target) (code byte) {
	b := &f.batch
	before, rejected := len(b.Readings), b.Rejected
	if err := c.decoder.Payload(m.payload, to.sensor, c.l.cfg.Now().UnixNano(), b); err != nil {
		b.Reject(ingest.TooMany, 1, err.Error())
	}
	taken := len(b.Readings) - before
	c.throttle = max(c.throttle, c.l.cfg.Service.Owe(to.sensor.Device, taken))
	if taken == 0 && b.Rejected > rejected {
		return payloadInvalid
	}
	return success
}
