package mqtt

import (
	"errors"
	"sync"

	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/ingest/decode"
)

// flight is messages of a connection that go into the stream together, and their
// acknowledgements, which wait for that.
type flight struct {
	conn  *conn
	batch decode.Batch
	acks  []byte // in the order of the messages
	count int    // of acks
}

// flights are kept to be used again, by all connections.
type flights struct{ pool sync.Pool }

func (f *flights) get(c *conn) *flight {
	if one, ok := f.pool.Get().(*flight); ok {
		one.conn = c
		return one
	}
	return &flight{conn: c}
}

func (f *flights) put(one *flight) {
	if cap(one.batch.Readings) > 1<<13 {
		return // that is rare, and not worth to keep
	}
	one.batch.Reset()
	one.conn, one.acks, one.count = nil, one.acks[:0], 0
	f.pool.Put(one)
}

// done is called by the service when it has stored the readings, or could not. It
// does not block.
func (f *flight) done(err error) {
	c := f.conn
	switch {
	case err == nil:
		c.acknowledge(f.acks, f.count)
	case f.count > 0: // so that the client sends them again
		if c.end(serverBusy) {
			c.l.failed.Add(1)
		}
	default:
		c.l.cfg.Service.Reject(source, lost, len(f.batch.Readings), err.Error())
	}
	c.l.flights.put(f)
}

// lost is the cause of QoS 0 readings that could not be stored.
const lost decode.Cause = "not_stored"

// flush submits what has been read. It blocks while the service has no room: then the
// connection is not read.
func (c *conn) flush() error {
	service := c.l.cfg.Service
	if f := c.unacked; f != nil {
		c.unacked = nil
		service.RejectAll(source, &f.batch)
		n := len(f.batch.Readings)
		if err := service.Submit(f.batch.Readings, f.done); err != nil {
			if errors.Is(err, ingest.ErrBusy) {
				service.Reject(source, ingest.Busy, n, "")
			}
			c.l.flights.put(f)
		}
	}
	f := c.acked
	if f == nil {
		return nil
	}
	c.acked = nil
	service.RejectAll(source, &f.batch)
	c.takeOff(f.count)
	if err := service.SubmitWait(c.l.ctx, f.batch.Readings, f.done); err != nil {
		c.putBack(f.count)
		c.l.flights.put(f)
		return err
	}
	return nil
}
