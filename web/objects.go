package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/view/objects"
)

// Objects is what the store holds, as far as it may be seen: ErrNotFound for what not.
type Objects interface {
	Objects(ctx context.Context, prefix, after string, limit int) (objects.Listing, error)
	Preview(ctx context.Context, key string, skip, rows int) (*objects.Preview, error)
	// Object opens an object; the caller closes it.
	Object(ctx context.Context, key string) (io.ReadCloser, objects.Object, error)
}

type listObjectsInput struct {
	Prefix string `query:"prefix" maxLength:"1024" doc:"what keys begin with: a folder, with a slash at its end; without it: all"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"the next of an answer"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

type previewInput struct {
	Key  string `query:"key" required:"true" minLength:"1" maxLength:"1024"`
	Skip int    `query:"skip" minimum:"0" maximum:"100000000" doc:"rows"`
	Rows int    `query:"rows" minimum:"1" maximum:"1000" default:"100"`
}

type objectInput struct {
	Key string `query:"key" required:"true" minLength:"1" maxLength:"1024"`
}

// previewsAtOnce bounds how many objects are looked into at a time: each may take memory.
const previewsAtOnce = 4

func (s *Server) objectOperations(api huma.API) {
	about := "Only what the layout of a store knows is there, and what the jobs read: nothing else that may lie in the same folder."
	register(s, api, operation{id: "list-objects", at: "GET " + base + "/store", tag: "store", role: Viewer, summary: "What there is in the store, folder by folder", about: about}, s.listObjects)
	register(s, api, operation{id: "preview-object", at: "GET " + base + "/store/preview", tag: "store", role: Viewer, absent: true, summary: "Some rows of an object, or its beginning", about: about}, s.preview)
	registerStream(s, api, operation{id: "get-object", at: "GET " + base + "/store/object", tag: "store", role: Viewer, absent: true, summary: "An object, to be kept as a file", about: about}, bytesType, "The object", s.getObject)
}

func (s *Server) listObjects(ctx context.Context, in *listObjectsInput) (objects.Listing, error) {
	if in.Prefix != "" && !strings.HasSuffix(in.Prefix, "/") {
		return objects.Listing{}, invalid("query.prefix", errors.New("it must end in a slash"))
	}
	if err := store.CheckPrefix(in.Prefix); err != nil {
		return objects.Listing{}, invalid("query.prefix", err)
	}
	if in.Cursor != "" && !strings.HasPrefix(in.Cursor, in.Prefix) {
		return objects.Listing{}, invalid("query.cursor", errCursor)
	}
	return s.cfg.Views.Objects(ctx, in.Prefix, in.Cursor, in.Limit)
}

func (s *Server) preview(ctx context.Context, in *previewInput) (*objects.Preview, error) {
	if err := store.CheckKey(in.Key); err != nil {
		return nil, invalid("query.key", err)
	}
	select {
	case s.previews <- struct{}{}:
		defer func() { <-s.previews }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p, err := s.cfg.Views.Preview(ctx, in.Key, in.Skip, in.Rows)
	if errors.Is(err, objects.ErrUnreadable) {
		return nil, newProblem(http.StatusUnprocessableEntity, CodeInvalid, in.Key+": "+err.Error(), "it can be downloaded as it is")
	}
	return p, err
}

func (s *Server) getObject(ctx context.Context, in *objectInput) (func(http.ResponseWriter, *http.Request), error) {
	if err := store.CheckKey(in.Key); err != nil {
		return nil, invalid("query.key", err)
	}
	// What is opened outlives the call; it ends with the server, or when it is closed.
	body, info, err := s.cfg.Views.Object(context.WithoutCancel(ctx), in.Key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Key, err)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		defer body.Close()
		stop := context.AfterFunc(s.ctx, func() { _ = body.Close() }) //nolint:contextcheck // the server may end before the request
		defer stop()
		w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(path.Base(in.Key)))
		w.Header().Set("Content-Length", strconv.FormatInt(info.Size, 10))
		out := newTimedWriter(w)
		if _, err := io.Copy(out, body); err != nil {
			if r.Context().Err() == nil && !errors.Is(err, errReaderGone) {
				s.cfg.Log.Error("an object cannot be read", "key", in.Key, "error", err)
			}
			panic(http.ErrAbortHandler) // let it be seen that it is not whole
		}
		_ = out.flush() // the client may be gone
	}, nil
}
