package web

import (
	"bufio"
	"crypto/rand"
	"errors"
	"net/http"
	"time"
)

// errReaderGone is that whoever reads a stream is gone, or too slow.
var errReaderGone = errors.New("the reader of the stream is gone")

// timedWriter writes a stream: it may take as long as it likes, but no single
// write may.
type timedWriter struct {
	control *http.ResponseController
	buf     *bufio.Writer
}

func newTimedWriter(w http.ResponseWriter) *timedWriter {
	t := &timedWriter{control: http.NewResponseController(w)}
	// The request was read; the server's deadline for that would end the stream.
	_ = t.control.SetReadDeadline(time.Time{}) // every connection of net/http has one
	t.buf = bufio.NewWriterSize(patient{w, t.control}, 32<<10)
	return t
}

// Write is for io.Writer.
func (t *timedWriter) Write(p []byte) (int, error) {
	n, err := t.buf.Write(p)
	if err != nil {
		return n, errReaderGone
	}
	return n, nil
}

// flush sends what was written.
func (t *timedWriter) flush() error {
	if t.buf.Flush() != nil || t.control.Flush() != nil {
		return errReaderGone
	}
	return nil
}

// patient gives each write the time that one may take.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p patient) Write(data []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(streamTimeout)); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(data)
}

// requestNumber is the number of a request, for the log.
func requestNumber() string { return rand.Text()[:10] }
