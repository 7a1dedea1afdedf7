package ingest

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/fleetscore/fleetscore/ingest/decode"
)

// kindOf says how a body is written, and whether it is compressed.
func kindOf(r *http.Request) (format decode.Format, zipped bool, p *problem) {
	if r.Method != http.MethodPost {
		return 0, false, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "readings are sent with POST", "").with("Allow", http.MethodPost)
	}
	const hint = "Content-Type must be application/json, application/x-ndjson or text/csv, in UTF-8"
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return 0, false, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "the request does not say in Content-Type how the readings are written", hint)
	}
	switch kind {
	case "application/json":
		format = decode.JSON
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
		format = decode.NDJSON
	case "text/csv":
		format = decode.CSV
	default:
		return 0, false, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", fmt.Sprintf("%.100q is no way to write readings", kind), hint)
	}
	switch charset := strings.ToLower(params["charset"]); charset {
	case "", "utf-8", "utf8", "us-ascii":
	default:
		return 0, false, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", fmt.Sprintf("the charset %.100q is not UTF-8", charset), hint)
	}
	switch coding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ","))); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		zipped = true
	default:
		return 0, false, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", fmt.Sprintf("Content-Encoding %.100q cannot be read", coding), "compress with gzip or not at all").with("Accept-Encoding", "gzip")
	}
	return format, zipped, nil
}

// read reads a body into memory, and decompresses it. What it has charged to h.bodies the
// caller releases, whether there is a problem or not.
func (h *Handler) read(r *http.Request, zipped bool, memory *[]byte) (charged int64, p *problem) {
	if r.ContentLength > int64(h.service.cfg.Body) {
		return 0, h.tooLarge()
	}
	body := io.Reader(r.Body)
	if zipped {
		z := h.zips.Get().(*gzip.Reader)
		defer h.zips.Put(z)
		if err := z.Reset(r.Body); err != nil {
			return 0, h.unread(r, err)
		}
		body = z
	}
	return h.fill(r, body, memory)
}

// fill reads a body to its end. Memory is charged as it is needed, so that a request
// costs what it sends and not what it says.
func (h *Handler) fill(r *http.Request, body io.Reader, memory *[]byte) (charged int64, p *problem) {
	const step = 32 << 10
	most, b := h.service.cfg.Body, *memory
	defer func() { *memory = b }()
	for {
		if int64(len(b)) >= charged {
			more := max(step, charged) // it doubles
			if !h.bodies.TryAcquire(more) {
				h.service.Reject(sourceHTTP, Busy, 1, "")
				return charged, h.refused(ErrBusy)
			}
			charged += more
			if int64(cap(b)) < charged {
				b = append(make([]byte, 0, charged), b...)
			}
		}
		n, err := body.Read(b[len(b):charged])
		b = b[:len(b)+n]
		switch {
		case len(b) > most:
			return charged, h.tooLarge()
		case errors.Is(err, io.EOF):
			return charged, nil
		case err != nil:
			return charged, h.unread(r, err)
		}
	}
}

func (h *Handler) tooLarge() *problem {
	h.service.Reject(sourceHTTP, decode.TooLarge, 1, "")
	return newProblem(http.StatusRequestEntityTooLarge, "too_large",
		fmt.Sprintf("the body has more than %d bytes, or will when it is decompressed", h.service.cfg.Body), "send the readings in several requests")
}

// unread is that a body cannot be read.
func (h *Handler) unread(r *http.Request, err error) *problem {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return h.tooLarge()
	case r.Context().Err() != nil:
		return h.refused(r.Context().Err())
	}
	h.service.Reject(sourceHTTP, badBody, 1, err.Error())
	return newProblem(http.StatusBadRequest, "invalid", fmt.Sprintf("the body cannot be read: %.200s", err), "")
}

// badBody is the cause of a body that is not what its header says.
const badBody decode.Cause = "bad_body"
