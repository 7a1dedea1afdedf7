package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const bytesType = "application/octet-stream"

// bytesAnswer is an answer that is no JSON and is known before it is sent.
type bytesAnswer struct {
	body      []byte
	tag       string
	unchanged bool // who asks has it
}

// etag names an answer by all that it depends on.
func etag(parts ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", fmt.Sprintf("%#v", parts)))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// registerBytes adds an operation that answers with bytes, which whoever asks may keep,
// and ask whether they are still so.
func registerBytes[I any](s *Server, api huma.API, o operation, contentType string, do func(context.Context, *I) (*bytesAnswer, error)) {
	op := o.huma(s, api.OpenAPI().Components.Schemas)
	op.Responses["200"] = &huma.Response{
		Description: "The bytes", Headers: map[string]*huma.Param{"ETag": {Schema: &huma.Schema{Type: huma.TypeString}}},
		Content: map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
	op.Responses["304"] = &huma.Response{Description: "It has not changed"}
	huma.Register(api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, answerTimeout)
		defer cancel()
		answer, err := do(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, o.id, err)
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			_, w := humago.Unwrap(ctx)
			w.Header().Set("Cache-Control", "private, no-cache")
			w.Header().Set("ETag", answer.tag)
			if answer.unchanged {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
			_, _ = w.Write(answer.body) // the client may be gone
		}}, nil
	})
}
