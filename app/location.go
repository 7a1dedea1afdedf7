package app

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/store/cloudstore"
)

// A location is where a user says that something is: a path, or a URL of a store.
type location struct {
	text string
	// path is the local path, or else the key within bucket.
	path   string
	bucket string // URL without path; empty: local
}

func parseLocation(text string) (location, error) {
	if strings.HasPrefix(text, "file:/") && !strings.HasPrefix(text, "file://") {
		return location{}, fmt.Errorf("%q: a file URL has three slashes, such as file:///data/models", text)
	}
	scheme, _, isURL := strings.Cut(text, "://")
	if !isURL || strings.ContainsAny(scheme, "/\\") {
		return location{text: text, path: text}, nil
	}
	if !strings.EqualFold(scheme, "file") {
		bucket, key, err := cloudstore.Split(text)
		return location{text: text, bucket: bucket, path: key}, err
	}
	u, err := url.Parse(text)
	if err != nil {
		return location{}, fmt.Errorf("%q is not a URL: %w", text, err)
	}
	if u.Host != "" && u.Host != "localhost" || u.Path == "" || u.RawQuery != "" || u.Fragment != "" {
		return location{}, fmt.Errorf("%q: a file URL has three slashes and an absolute path, such as file:///data/models", text)
	}
	return location{text: text, path: u.Path}, nil
}

func parseLocations(texts []string) ([]location, error) {
	locations := make([]location, len(texts))
	for i, text := range texts {
		var err error
		if locations[i], err = parseLocation(text); err != nil {
			return nil, err
		}
	}
	return locations, nil
}

func (l location) remote() bool { return l.bucket != "" }

// shown is the location as it was given, but for a query, which is no place and may
// hold what nobody else should see.
func (l location) shown() string {
	if l.remote() {
		return l.at()
	}
	return l.text
}

// at is the place itself, equal for all ways to write it: links are resolved and
// a URL has no query.
func (l location) at() string {
	if l.remote() {
		bucket, _, _ := strings.Cut(l.bucket, "?")
		return strings.TrimRight(bucket+"/"+l.path, "/")
	}
	return resolved(l.path)
}

// below gives the key of the place at below that of folder; false if it is elsewhere.
func below(folder, at string) (string, bool) {
	if isCloud := strings.Contains(folder, "://"); isCloud != strings.Contains(at, "://") {
		return "", false
	} else if isCloud {
		key, ok := strings.CutPrefix(at+"/", folder+"/")
		return strings.TrimSuffix(key, "/"), ok
	}
	relative, err := filepath.Rel(folder, at)
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return "", false
	}
	if relative = filepath.ToSlash(relative); relative == "." {
		relative = ""
	}
	return relative, true
}

// resolved is the absolute path without links, as far as it exists.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// readingFiles are the endings by which files in a folder are taken for readings.
var readingFiles = []string{".csv", ".csv.gz", ".csv.zst", ".ndjson", ".ndjson.gz", ".ndjson.zst", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"}

func isReadings(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(readingFiles, func(end string) bool { return strings.HasSuffix(name, end) })
}
