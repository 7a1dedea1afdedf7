package app

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/fleetscore/fleetscore/internal/tlsfile"
)

// trusted is TLS as the environment says; nil if it says nothing.
func trusted() (*tls.Config, error) {
	ca, cert, key := os.Getenv("FLEETSCORE_CA"), os.Getenv("FLEETSCORE_CLIENT_CERT"), os.Getenv("FLEETSCORE_CLIENT_KEY")
	if ca == "" && cert == "" && key == "" {
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		all, err := tlsfile.ReadCertificates(ca)
		if err != nil {
			return nil, fmt.Errorf("FLEETSCORE_CA: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		for _, one := range all {
			cfg.RootCAs.AddCert(one)
		}
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("FLEETSCORE_CLIENT_CERT and FLEETSCORE_CLIENT_KEY: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// pinned trusts the one certificate of a file, whatever name it is asked by: that of
// the service whose settings these are, on its own machine.
func pinned(cfg *tls.Config, path string) (*tls.Config, error) {
	leaf, err := tlsfile.ReadLeaf(path)
	if errors.Is(err, os.ErrPermission) {
		return cfg, nil
	}
	if err != nil {
		return nil, fmt.Errorf("tls.cert: %w", err)
	}
	if cfg == nil {
		cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	cfg.InsecureSkipVerify = true // it is compared, byte by byte
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 || !bytes.Equal(s.PeerCertificates[0].Raw, leaf.Raw) {
			return fmt.Errorf("the certificate is not the one in %s", path)
		}
		return nil
	}
	return cfg, nil
}
