package mqtt

import "bytes"

// message is what a PUBLISH says. Its texts are parts of the read buffer.
type message struct {
	qos     byte
	id      int
	alias   int
	topic   []byte
	payload []byte
}

// readPublish reads a PUBLISH.
func readPublish(p packet, v5 bool) (m message, err error) {
	c := cursor{b: p.body}
	if m.qos = p.flags >> 1 & 3; m.qos == 3 {
		return m, errMalformed
	}
	m.topic = c.text()
	if m.qos > 0 {
		if m.id = c.uint16(); m.id == 0 {
			return m, errMalformed
		}
	}
	if v5 {
		m.alias = -1
		c.properties(func(id int, value uint32) {
			if id == topicAlias {
				m.alias = int(value)
			}
		})
	}
	if c.failed || bytes.ContainsAny(m.topic, "+#") {
		return m, errMalformed
	}
	m.payload = c.b
	return m, nil
}

// appendAck appends a PUBACK, or the PUBREC of QoS 2.
func appendAck(dst []byte, m *message, v5 bool, code byte) []byte {
	head := byte(0x40)
	if m.qos == 2 {
		head = 0x50
	}
	if v5 && code != success {
		return append(dst, head, 3, byte(m.id>>8), byte(m.id), code)
	}
	return append(dst, head, 2, byte(m.id>>8), byte(m.id))
}

// refuseFilters answers a SUBSCRIBE or UNSUBSCRIBE: there is nothing to subscribe to.
func refuseFilters(p packet, v5 bool) ([]byte, error) {
	c := cursor{b: p.body}
	id := c.uint16()
	if v5 {
		c.properties(func(int, uint32) {})
	}
	head, code, options := byte(0x90), byte(0x80), 1
	if v5 {
		code = notAuthorized
	}
	if p.kind == unsubscribe {
		head, code, options = 0xb0, noSubscription, 0
	}
	var codes []byte
	for len(c.b) > 0 {
		c.text()
		c.take(options)
		codes = append(codes, code)
	}
	if c.failed || id == 0 || p.flags != 2 || len(codes) == 0 {
		return nil, errMalformed
	}
	body := []byte{byte(id >> 8), byte(id)}
	if v5 {
		body = append(body, 0)
	}
	if v5 || p.kind == subscribe {
		body = append(body, codes...)
	}
	answer := []byte{head}
	n := len(body)
	for ; n >= 0x80; n >>= 7 {
		answer = append(answer, byte(n)|0x80)
	}
	return append(append(answer, byte(n)), body...), nil
}
