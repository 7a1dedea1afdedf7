package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/fleetscore/fleetscore/config"
)

// Reach says where the service of a deployment is, and by which token. The
// address is url, or FLEETSCORE_URL, or that of the settings at path; the token is
// FLEETSCORE_TOKEN, or the one that the service has written, which is for that
// service only. Without a token one can look. Settings that have nothing to do with
// it may be wrong.
func Reach(path, url string) (address, token string, err error) {
	given, token := cmp.Or(url, os.Getenv("FLEETSCORE_URL")), os.Getenv("FLEETSCORE_TOKEN")
	if given != "" && token != "" {
		return given, token, nil
	}
	file, err := config.LoadReach(path, os.Environ())
	if err != nil {
		if given != "" && path == "" {
			return given, token, nil
		}
		return "", "", err
	}
	host, port, err := net.SplitHostPort(file.Listen)
	if err != nil {
		return "", "", fmt.Errorf("listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	own := "http://" + net.JoinHostPort(host, port)
	if given == "" {
		given = own
	}
	if token != "" || strings.TrimRight(given, "/") != own {
		return given, token, nil
	}
	token, err = readSecret(filepath.Join(file.StateDir(), tokenName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return "", "", fmt.Errorf("the token of the API: %w", err)
	}
	return given, token, nil
}
