package mqtt

import (
	"crypto/rand"
	"crypto/tls"
	"time"
)

// greet handles a CONNECT.
func (c *conn) greet(p packet) error {
	g, err := readConnect(p.body)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.v5 = g.v5
	c.mu.Unlock()
	if g.refuse == success {
		g.refuse = c.authorize(&g)
	}
	assigned := ""
	if c.id = g.clientID; c.id == "" {
		assigned = newClientID()
		c.id = assigned
	}
	if g.refuse != success {
		c.l.refused.Add(1)
		_ = c.answer(connack(&g, g.refuse, "", &c.l.cfg))
		return errEnded
	}
	c.connected = true
	c.keepAlive = time.Duration(g.keepAlive) * time.Second
	c.l.claim(c)
	if c.grant.Watch != nil {
		c.unwatch = c.grant.Watch(func() { c.end(notAuthorized) })
	}
	return c.answer(connack(&g, success, assigned, &c.l.cfg))
}

// authorize asks whether the client may connect.
func (c *conn) authorize(g *greeting) (code byte) {
	if c.l.cfg.Authorize == nil {
		return success
	}
	login := Login{ClientID: g.clientID, Username: g.username, Password: g.password, Remote: c.socket.RemoteAddr()}
	if t, ok := c.socket.(*tls.Conn); ok {
		state := t.ConnectionState()
		login.TLS = &state
	}
	var err error
	if c.grant, err = c.l.cfg.Authorize(login); err != nil {
		c.l.cfg.Log.Debug("an MQTT client is refused", "client", g.clientID, "remote", login.Remote, "error", err)
		return notAuthorized
	}
	return success
}

// newClientID is a client id for who has none.
func newClientID() string { return "fleetscore-" + rand.Text() }
