package app

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/filestore"
)

// localPath is the path that location, a plain path or a file:// URL, names.
func localPath(location string) (string, error) {
	if strings.HasPrefix(location, "file:/") && !strings.HasPrefix(location, "file://") {
		return "", fmt.Errorf("%q: a file URL has three slashes, such as file:///data/models", location)
	}
	scheme, _, isURL := strings.Cut(location, "://")
	if !isURL || strings.ContainsAny(scheme, "/\\") {
		return location, nil
	}
	if !strings.EqualFold(scheme, "file") {
		return "", fmt.Errorf("%q: stores of the kind %s:// are not supported; give a path or a file:// URL", location, scheme)
	}
	u, err := url.Parse(location)
	if err != nil {
		return "", fmt.Errorf("%q is not a URL: %w", location, err)
	}
	if u.Host != "" && u.Host != "localhost" || u.Path == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q: a file URL has three slashes and an absolute path, such as file:///data/models", location)
	}
	return u.Path, nil
}

// openExisting opens the store that location names, which must be there.
func openExisting(location string) (store.Store, error) {
	path, err := localPath(location)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", location)
	}
	return openStore(location)
}

// openStore opens the store that location names.
func openStore(location string) (store.Store, error) {
	path, err := localPath(location)
	if err != nil {
		return nil, err
	}
	return filestore.Open(path, filestore.Options{})
}
