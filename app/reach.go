package app

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/fleetscore/fleetscore/config"
)

// Access is where the service of a deployment is, and how to ask it.
type Access struct {
	URL   string
	Token string      // "": one can look
	TLS   *tls.Config // nil: what the system trusts
}

// Reach says where the service of a deployment is, and by which token. The
// address is url, or FLEETSCORE_URL, or that of the settings at path; the token is
// FLEETSCORE_TOKEN, or the one that the service has written, which is for that
// service only. Without a token one can look. Settings that have nothing to do with
// it may be wrong. FLEETSCORE_CA names a file of issuers that are trusted, and
// FLEETSCORE_CLIENT_CERT and FLEETSCORE_CLIENT_KEY files to show who asks.
func Reach(path, url string) (Access, error) {
	a := Access{URL: cmp.Or(url, os.Getenv("FLEETSCORE_URL")), Token: os.Getenv("FLEETSCORE_TOKEN")}
	var err error
	if a.TLS, err = trusted(); err != nil {
		return Access{}, err
	}
	if a.URL != "" && a.Token != "" {
		return a, nil
	}
	file, err := config.LoadReach(path, os.Environ())
	if err != nil {
		if a.URL != "" && path == "" {
			return a, nil
		}
		return Access{}, err
	}
	own, err := ownURL(file)
	if err != nil {
		return Access{}, err
	}
	if a.URL = cmp.Or(a.URL, own); strings.TrimRight(a.URL, "/") != own {
		return a, nil
	}
	if file.TLS.On() && os.Getenv("FLEETSCORE_CA") == "" {
		if a.TLS, err = pinned(a.TLS, file.TLS.Cert); err != nil {
			return Access{}, err
		}
	}
	if a.Token != "" {
		return a, nil
	}
	a.Token, err = readToken(filepath.Join(file.StateDir(), tokenName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return Access{}, fmt.Errorf("the token of the API: %w", err)
	}
	return a, nil
}

// ownURL is where this machine finds the service of its settings.
func ownURL(file *config.File) (string, error) {
	host, port, err := net.SplitHostPort(file.Listen)
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if file.TLS.On() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port), nil
}
