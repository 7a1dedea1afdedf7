package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// server is a node's own side.
type server struct {
	out       io.Writer
	run       Run
	orphaned  func()            // the executor is gone
	exhausted func(text string) // too much memory is used

	beat   *time.Ticker
	every  time.Duration // of beat, while there are tasks
	memory int64         // that may be used; 0: nobody looks
	ending bool
	wake   chan struct{} // report has something

	mu     sync.Mutex
	tasks  map[uint64]*served
	report report
}

// served is a task that the node does.
type served struct {
	cancel   context.CancelCauseFunc
	progress fleet.Progress
	news     bool // progress was not told
}

var errCanceled = errors.New("canceled")

func newServer(out io.Writer, run Run) *server {
	return &server{out: out, run: run, tasks: make(map[uint64]*served), wake: make(chan struct{}, 1)}
}

func (s *server) serve(ctx context.Context, in io.Reader) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(errCanceled)
	s.beat = time.NewTicker(time.Hour)
	s.beat.Stop()
	defer s.beat.Stop()
	orders := make(chan *order)
	failed := make(chan error, 1)
	go s.listen(ctx, in, orders, failed)
	s.report.Hello = &hello{Protocol: protocol}
	for {
		if err := s.flush(); err != nil {
			return fmt.Errorf("telling the executor: %w", err)
		}
		if s.ending && s.idle() {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-failed:
			return err
		case o := <-orders:
			if err := s.obey(ctx, o); err != nil {
				return err
			}
			runtime.Gosched() // what is done in no time is told with its start
		case <-s.wake:
		case <-s.beat.C:
			if err := s.sign(); err != nil {
				return fmt.Errorf("telling the executor: %w", err)
			}
		}
	}
}

// listen reads orders. It may outlive the server, by a read that nothing ends.
func (s *server) listen(ctx context.Context, in io.Reader, orders chan<- *order, failed chan<- error) {
	l := lines(in)
	for l.Scan() {
		o := new(order)
		if err := parse(l.Bytes(), o); err != nil {
			failed <- err
			return
		}
		select {
		case orders <- o:
		case <-ctx.Done():
			return
		}
		if o.End {
			return
		}
	}
	if errors.Is(l.Err(), bufio.ErrTooLong) {
		failed <- fmt.Errorf("%w: %w", errProtocol, l.Err())
		return
	}
	s.orphaned()
	failed <- errOrphaned
}

// obey does what it is told.
func (s *server) obey(ctx context.Context, o *order) error {
	if w := o.Welcome; w != nil {
		if w.Protocol != protocol || w.Beat <= 0 {
			return fmt.Errorf("%w: the executor speaks %d, and this node %d", errProtocol, w.Protocol, protocol)
		}
		s.every, s.memory = w.Beat, w.Memory
	}
	if s.every == 0 {
		return fmt.Errorf("%w: the first order is no welcome", errProtocol)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range o.Tasks {
		if s.tasks[j.ID] != nil || len(s.tasks) >= mostTasks {
			return fmt.Errorf("%w: task %d is there already, or one too many", errProtocol, j.ID)
		}
		if len(s.tasks) == 0 {
			s.beat.Reset(s.every)
		}
		s.begin(ctx, j)
	}
	for _, id := range o.Cancel {
		if t := s.tasks[id]; t != nil { // else it has just ended
			t.cancel(errCanceled)
		}
	}
	s.ending = s.ending || o.End
	return nil
}

// begin begins a task. A panic of it is the end of the process, by design.
func (s *server) begin(ctx context.Context, j job) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := &served{cancel: cancel}
	s.tasks[j.ID] = t
	s.report.Started = append(s.report.Started, j.ID)
	go func() {
		defer cancel(nil)
		s.end(j.ID, s.run(ctx, j.Manifest, j.Task, func(p fleet.Progress) {
			s.mu.Lock()
			defer s.mu.Unlock()
			t.progress, t.news = p, true
		}))
	}()
}

// end takes in that a task has ended.
func (s *server) end(id uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[id]
	delete(s.tasks, id)
	x := ended{ID: id}
	if err != nil {
		if x.Error = err.Error(); x.Error == "" {
			x.Error = fmt.Sprintf("an error without words: %T", err)
		}
		x.Error, x.Unserved = x.Error[:min(len(x.Error), mostError)], errors.Is(err, fleet.ErrUnserved)
	}
	if t.news {
		x.Progress = &t.progress
	}
	s.report.Ended = append(s.report.Ended, x)
	if len(s.tasks) == 0 {
		s.beat.Stop()
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *server) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tasks) == 0 && len(s.report.Ended) == 0
}

// flush tells what there is to tell.
func (s *server) flush() error {
	s.mu.Lock()
	m := s.report
	s.report = report{}
	s.mu.Unlock()
	if m.Hello == nil && len(m.Started) == 0 && len(m.Ended) == 0 {
		return nil
	}
	return send(s.out, &m)
}

// sign gives a sign of life, with the progress of tasks.
func (s *server) sign() error {
	if s.memory > 0 && inUse() > s.memory {
		s.exhausted(fmt.Sprintf("more than %d MiB of memory are used", s.memory>>20))
	}
	var m report
	s.mu.Lock()
	for id, t := range s.tasks {
		if t.news {
			t.news = false
			m.Progress = append(m.Progress, step{ID: id, Progress: t.progress})
		}
	}
	m.Started, s.report.Started = s.report.Started, nil
	s.mu.Unlock()
	return send(s.out, &m)
}
