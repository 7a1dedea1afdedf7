package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

// The built files of the dashboard; ui/ has their sources, `make ui` builds them.
//
//go:embed all:ui/dist
var pageFiles embed.FS

// views are the addresses of the dashboard. All of them are one page, which shows by its
// address what is asked for.
func views() []string {
	return []string{"{$}", "fleet", "sensor", "jobs", "jobs/{name}", "runs", "runs/{name}", "nodes", "logs", "ingest", "models", "store", "settings"}
}

// forPrograms reports whether an address is none that a person is led to, so that whoever
// asks for it is told in a form that programs read.
func forPrograms(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.Contains([]string{"api", "assets", "debug", "healthz", "readyz", "metrics", "openapi.json"}, first)
}

// asset is a file of the dashboard.
type asset struct {
	kind  string
	plain []byte
	small []byte // compressed; nil: it would not be smaller
	keeps bool   // its name changes when its bytes do
}

// pages registers what is for people. The page holds nothing that is to be kept from
// anybody: what it shows it asks the API for.
func (s *Server) pages(mux *http.ServeMux) error {
	err := fs.WalkDir(pageFiles, "ui/dist", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := pageFiles.ReadFile(file)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(file, "ui/dist/")
		one, err := newAsset(name, data)
		if err != nil {
			return err
		}
		if name != "index.html" {
			mux.Handle("GET /"+name, one)
			return nil
		}
		s.front = one
		for _, view := range views() {
			mux.Handle("GET /"+view, one)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	s.profiling(mux)
	mux.HandleFunc("GET /openapi.json", serveBytes("application/openapi+json", s.document))
	return nil
}

func newAsset(name string, data []byte) (*asset, error) {
	a := &asset{kind: mime.TypeByExtension(path.Ext(name)), plain: data, keeps: strings.HasPrefix(name, "assets/")}
	switch path.Ext(name) { // whatever this machine believes
	case ".js":
		a.kind = "text/javascript; charset=utf-8"
	case ".css":
		a.kind = "text/css; charset=utf-8"
	case ".svg":
		a.kind = "image/svg+xml"
	case ".html":
		a.kind = "text/html; charset=utf-8"
	}
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = zip.Write(data)
	}
	if err == nil {
		err = zip.Close()
	}
	if out.Len() < len(data) {
		a.small = out.Bytes()
	}
	return a, err
}

// ServeHTTP implements http.Handler.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.serve(w, r, http.StatusOK) }

func (a *asset) serve(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	if a.keeps {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	data := a.plain
	if a.small != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		data = a.small
	}
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client may be gone
}

func serveBytes(kind string, data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(data) // the client may be gone
	}
}
