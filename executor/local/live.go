package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// live starts the node's process and sees it through to its end.
func (e *Executor) live(n *node) {
	defer e.lives.Done()
	p, err := e.start(n.ID)
	if err != nil {
		e.exited(n, exit{how: err.Error()})
		return
	}
	e.started(n, p)
	over := make(chan exit, 1)
	go func() { over <- p.wait() }()
	wrote, quit := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(wrote)
		e.write(n, p.in, quit)
	}()
	if err := e.read(n, p.out); err != nil {
		e.refuse(n, err)
	}
	p.kill() // without its output it is no use
	x := <-over
	close(quit)
	_ = p.in.Close() // nobody reads it
	<-wrote
	if c, ok := p.out.(io.Closer); ok {
		_ = c.Close()
	}
	e.exited(n, x)
}

// write writes orders as they come.
func (e *Executor) write(n *node, w io.Writer, quit <-chan struct{}) {
	for {
		select {
		case <-n.wake:
		case <-quit:
			return
		}
		e.mu.Lock()
		o := n.orders
		n.orders = order{}
		e.mu.Unlock()
		if o.empty() {
			continue
		}
		if err := send(w, &o); err != nil {
			return // its end is seen at its other pipe
		}
	}
}

// read takes in what the node tells, until it tells no more. An error is that it
// tells nonsense.
func (e *Executor) read(n *node, r io.Reader) error {
	s := lines(r)
	for s.Scan() {
		var m report
		err := parse(s.Bytes(), &m)
		if err == nil {
			err = e.take(n, &m)
		}
		if err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%w: %w", errProtocol, err)
	}
	return nil
}

// started takes in that the node's process runs.
func (e *Executor) started(n *node, p *process) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n.proc, n.PID = p, p.pid
	if !n.killed.IsZero() {
		p.kill() // it was meanwhile
	}
}

// refuse kills a node that tells nonsense.
func (e *Executor) refuse(n *node, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n.kill(err.Error(), time.Now())
}
