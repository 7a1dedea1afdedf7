package app

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// manifestURL is where a task finds the object key of the store at l: a URL that
// tells the store too.
func manifestURL(l location, key string) string {
	if !l.remote() {
		return (&url.URL{Scheme: "file", Path: filepath.ToSlash(resolved(l.path)) + "/" + key}).String()
	}
	bucket, query, hasQuery := strings.Cut(l.bucket, "?")
	if l.path != "" {
		bucket += "/" + l.path
	}
	if hasQuery {
		query = "?" + query
	}
	return bucket + "/" + key + query
}

// splitManifest gives the store and the key of a manifest.
func splitManifest(text string) (storeAt location, key string, err error) {
	l, err := parseLocation(text)
	if err != nil {
		return l, "", err
	}
	path := filepath.ToSlash(l.path)
	at := strings.LastIndex("/"+path, "/runs/")
	if at < 0 {
		return l, "", fmt.Errorf("%s is no manifest; one is at …/runs/<run>/manifest-0.json", l.shown())
	}
	root := strings.TrimSuffix(path[:at], "/")
	switch {
	case l.remote():
		bucket, query, hasQuery := strings.Cut(l.bucket, "?")
		l.text = strings.TrimSuffix(bucket+"/"+root, "/")
		if hasQuery {
			l.text += "?" + query
		}
	case root == "" && at == 0:
		l.text, root = ".", "."
	case root == "":
		l.text, root = "/", "/"
	default:
		l.text = root
	}
	l.path = root
	return l, path[at:], nil
}
