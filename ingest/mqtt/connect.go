package mqtt

// The codes of CONNACK, PUBACK, SUBACK and DISCONNECT that are used, as MQTT 5 has
// them.
const (
	success          = 0x00
	noSubscription   = 0x11
	malformed        = 0x81
	protocolError    = 0x82
	badVersion       = 0x84
	badClientID      = 0x85
	notAuthorized    = 0x87
	serverBusy       = 0x89
	shuttingDown     = 0x8b
	badAuthMethod    = 0x8c
	takenOver        = 0x8e
	badTopic         = 0x90
	aliasInvalid     = 0x94
	packetTooLarge   = 0x95
	payloadInvalid   = 0x99
	retainNotHere    = 0x9a
	qosNotHere       = 0x9b
	keepAliveExpired = 0x8d
)

// greeting is what a CONNECT says.
type greeting struct {
	v5            bool
	clean         bool
	keepAlive     int // seconds
	clientID      string
	username      string
	password      []byte
	hasAuthMethod bool
	sessionExpiry uint32
	refuse        byte // a code, if it must be refused
}

// readConnect reads a CONNECT.
func readConnect(body []byte) (g greeting, err error) {
	c := cursor{b: body}
	name, level := c.text(), c.byte()
	if c.failed || string(name) != "MQTT" && string(name) != "MQIsdp" {
		return g, errProtocol
	}
	if g.v5 = level >= 5; level != 4 && level != 5 || string(name) != "MQTT" {
		g.refuse = badVersion
		return g, nil
	}
	flags := c.byte()
	g.clean = flags&0x02 != 0
	will, willQoS, willRetain := flags&0x04 != 0, flags>>3&3, flags&0x20 != 0
	if flags&1 != 0 || willQoS == 3 || !will && (willQoS > 0 || willRetain) || !g.v5 && flags>>6 == 1 {
		return g, errMalformed
	}
	g.keepAlive = c.uint16()
	if g.v5 {
		c.properties(func(id int, value uint32) {
			switch id {
			case sessionExpiry:
				g.sessionExpiry = value
			case authMethod:
				g.hasAuthMethod = true
			case receiveMaximum:
				c.failed = c.failed || value == 0
			}
		})
	}
	g.clientID = string(c.text())
	if will { // nobody could receive it
		if g.v5 {
			c.properties(func(int, uint32) {})
		}
		c.text()
		c.binary()
	}
	if flags&0x80 != 0 {
		g.username = string(c.text())
	}
	if flags&0x40 != 0 {
		g.password = append([]byte{}, c.binary()...)
	}
	if c.failed || len(c.b) > 0 {
		return g, errMalformed
	}
	switch {
	case g.hasAuthMethod:
		g.refuse = badAuthMethod
	case g.v5 && willQoS > 1:
		g.refuse = qosNotHere
	case g.v5 && willRetain:
		g.refuse = retainNotHere
	case !g.v5 && !g.clean && g.clientID == "":
		g.refuse = badClientID
	}
	return g, nil
}

// connack is the answer to a greeting. assigned is the client id, if the client had
// none.
func connack(g *greeting, code byte, assigned string, cfg *Config) []byte {
	if !g.v5 {
		return []byte{0x20, 2, 0, oldCode(code)}
	}
	var p []byte
	if code == success {
		p = append(p,
			receiveMaximum, byte(cfg.Inflight>>8), byte(cfg.Inflight),
			0x24, 1, // QoS 0 and 1
			0x25, 0, // nothing is retained
			0x27, byte(cfg.Packet>>24), byte(cfg.Packet>>16), byte(cfg.Packet>>8), byte(cfg.Packet),
			0x22, 0, maxAliases,
			0x28, 0, 0x29, 0, 0x2a, 0) // no subscriptions of any kind
		if g.sessionExpiry > 0 {
			p = append(p, sessionExpiry, 0, 0, 0, 0)
		}
		if assigned != "" {
			p = append(p, 0x12, 0, byte(len(assigned)))
			p = append(p, assigned...)
		}
	}
	return append([]byte{0x20, byte(3 + len(p)), 0, code, byte(len(p))}, p...)
}

// oldCode is a code of CONNACK as MQTT 3.1.1 has it.
func oldCode(code byte) byte {
	switch code {
	case success:
		return 0
	case badVersion:
		return 1
	case badClientID:
		return 2
	case notAuthorized:
		return 5
	}
	return 3
}
