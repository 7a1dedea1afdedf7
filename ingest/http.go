package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/semaphore"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ingest/decode"
	"github.com/fleetscore/fleetscore/stream"
)

const sourceHTTP = "http"

// Handler answers requests with readings. The server in front of it bounds how long a
// body may take.
type Handler struct {
	service  *Service
	bodies   *semaphore.Weighted  // bytes of bodies
	decoders chan *decode.Decoder // as many as decode at a time

	// Memory to be used again.
	buffers sync.Pool // of *[]byte
	zips    sync.Pool // of *gzip.Reader
	batches sync.Pool // of *decode.Batch
}

// NewHandler makes a Handler that submits to a service.
func NewHandler(service *Service) *Handler {
	h := &Handler{
		service:  service,
		bodies:   semaphore.NewWeighted(int64(service.cfg.Bodies)),
		decoders: make(chan *decode.Decoder, runtime.GOMAXPROCS(0)),
		buffers:  sync.Pool{New: func() any { return new([]byte) }},
		zips:     sync.Pool{New: func() any { return new(gzip.Reader) }},
		batches:  sync.Pool{New: func() any { return new(decode.Batch) }},
	}
	for range cap(h.decoders) {
		h.decoders <- decode.New(service.cfg.Decode)
	}
	return h
}

// ServeHTTP answers one, whose sender may send for any device.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.serve(w, r, nil) }

// For is the handler of requests whose sender may send for some devices.
func (h *Handler) For(may func(device string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, may) })
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, may func(device string) bool) {
	a, problem := h.take(r, may)
	if problem != nil {
		problem.write(w)
		return
	}
	a.write(w)
}

// take takes the readings of a request in, and returns when they are durable.
func (h *Handler) take(r *http.Request, may func(device string) bool) (*answer, *problem) {
	format, zipped, problem := kindOf(r)
	if problem != nil {
		return nil, problem
	}
	b := h.batches.Get().(*decode.Batch)
	if problem := h.readBatch(r, format, zipped, b); problem != nil {
		h.recycle(b)
		return nil, problem
	}
	forbidden := keepAllowed(b, may)
	over := h.keepRates(b)
	h.service.RejectAll(sourceHTTP, b)
	a := &answer{Accepted: len(b.Readings), Rejected: b.Rejected, Errors: append([]decode.Fault(nil), b.Faults...)}
	if len(b.Readings) == 0 {
		h.recycle(b)
		return a, a.nothing(over, forbidden)
	}
	committed := make(chan error, 1)
	if err := h.service.Submit(b.Readings, func(err error) { committed <- err }); err != nil {
		if errors.Is(err, ErrBusy) {
			h.service.Reject(sourceHTTP, Busy, len(b.Readings), "")
		}
		h.recycle(b)
		return nil, h.refused(err)
	}
	select {
	case err := <-committed:
		h.recycle(b)
		return a, h.refused(err)
	case <-r.Context().Done(): // the readings are the service's still
		return nil, h.refused(r.Context().Err())
	}
}

// readBatch reads a request's body and decodes it into b.
func (h *Handler) readBatch(r *http.Request, format decode.Format, zipped bool, b *decode.Batch) *problem {
	body := h.buffers.Get().(*[]byte)
	charged, problem := h.read(r, zipped, body)
	if problem == nil {
		problem = h.decode(r.Context(), format, *body, b)
	}
	if *body = (*body)[:0]; cap(*body) <= 1<<20 {
		h.buffers.Put(body)
	}
	h.bodies.Release(charged)
	return problem
}

// decode decodes a body when it is its turn.
func (h *Handler) decode(ctx context.Context, format decode.Format, body []byte, b *decode.Batch) *problem {
	var d *decode.Decoder
	select {
	case d = <-h.decoders:
	case <-ctx.Done():
		return h.refused(ctx.Err())
	}
	defer func() { h.decoders <- d }()
	err := d.Decode(format, body, h.service.cfg.Now().UnixNano(), b)
	if errors.Is(err, decode.ErrTooMany) {
		h.service.Reject(sourceHTTP, TooMany, 1, err.Error())
		return newProblem(http.StatusRequestEntityTooLarge, "too_large", err.Error(), "send them in several requests")
	}
	return h.refused(err)
}

// keepAllowed takes readings of devices that their sender may not send for out of the
// batch, and says how many.
func keepAllowed(b *decode.Batch, may func(device string) bool) (forbidden int) {
	if may == nil {
		return 0
	}
	first := ""
	kept := b.Readings[:0]
	for _, r := range b.Readings {
		if may(r.Device) {
			kept = append(kept, r)
			continue
		}
		if forbidden++; forbidden == 1 {
			first = r.Device
		}
	}
	clear(b.Readings[len(kept):])
	if b.Readings = kept; forbidden > 0 {
		b.Reject(NotAllowed, forbidden, fmt.Sprintf("this token may not send for device %.80q", first))
	}
	return forbidden
}

// keepRates takes readings of devices that are over their rate out of the batch, and
// says how many.
func (h *Handler) keepRates(b *decode.Batch) (over int) {
	if h.service.rate == nil {
		return 0
	}
	now := h.service.cfg.Now()
	var first fleet.Reading
	kept := b.Readings[:0]
	for _, r := range b.Readings {
		if h.service.rate.allow(r.Device, now) {
			kept = append(kept, r)
			continue
		}
		if over++; over == 1 {
			first = r
		}
	}
	clear(b.Readings[len(kept):])
	if b.Readings = kept; over > 0 {
		b.Reject(OverRate, over, fmt.Sprintf("device %.80q sends more than %g readings a second", first.Device, h.service.cfg.Rate))
	}
	return over
}

// refused is what a failed submission or commit says.
func (h *Handler) refused(err error) *problem {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrBusy):
		return newProblem(http.StatusTooManyRequests, "busy", "more readings wait to be stored than may", "send them again in a moment").after(1)
	case errors.Is(err, ErrStopped), errors.Is(err, context.Canceled):
		return newProblem(http.StatusServiceUnavailable, "unavailable", "the service is stopping", "send the readings again in a moment").after(1)
	case errors.Is(err, stream.ErrFull):
		return newProblem(http.StatusServiceUnavailable, "unavailable", "the stream is full", "send the readings again later; the service's log says more").after(10)
	}
	return newProblem(http.StatusServiceUnavailable, "unavailable", "the readings could not be stored", "send them again; the service's log says more").after(5)
}

// recycle gives memory back, unless it is more than is worth to keep.
func (h *Handler) recycle(b *decode.Batch) {
	if cap(b.Readings) <= 1<<14 {
		b.Reset()
		h.batches.Put(b)
	}
}
