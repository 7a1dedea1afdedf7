// Package tlsfile speaks TLS with a certificate in files, and takes another in its
// place when the files change, for connections from then on.
package tlsfile

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Files are PEM files.
type Files struct {
	Cert     string // the certificate, and what leads to its issuer
	Key      string
	ClientCA string // issuers of clients' certificates, which are required then; "": none are asked for
}

// Source is certificates as the files have them now.
type Source struct {
	files Files
	log   *slog.Logger
	now   atomic.Pointer[loaded]

	mu     sync.Mutex
	looked time.Time
	bad    [3]stamp // files that could not be used, so that it is told once
}

// loaded is what was read.
type loaded struct {
	pair    tls.Certificate
	clients *x509.CertPool
	stamps  [3]stamp
}

// stamp tells a file from what it was.
type stamp struct {
	modified time.Time
	size     int64
	inode    uint64
}

// lookEvery is how often files are looked at, when there are connections.
const lookEvery = time.Second

// Open reads the files.
func Open(files Files, log *slog.Logger) (*Source, error) {
	s := &Source{files: files, log: log}
	l, err := files.load()
	if err != nil {
		return nil, err
	}
	s.now.Store(l)
	return s, nil
}

func (f Files) load() (*loaded, error) {
	l := &loaded{stamps: f.stamps()} // before, so that a change meanwhile is seen
	var err error
	if l.pair, err = tls.LoadX509KeyPair(f.Cert, f.Key); err != nil {
		return nil, fmt.Errorf("the certificate %s and its key %s: %w", f.Cert, f.Key, err)
	}
	if l.pair.Leaf == nil {
		return nil, fmt.Errorf("the certificate %s cannot be read", f.Cert)
	}
	if f.ClientCA != "" {
		text, err := os.ReadFile(f.ClientCA)
		if err != nil {
			return nil, fmt.Errorf("the issuers of clients' certificates: %w", err)
		}
		if l.clients = x509.NewCertPool(); !l.clients.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("the issuers of clients' certificates: %s has no certificate in PEM", f.ClientCA)
		}
	}
	return l, nil
}

func (f Files) stamps() (all [3]stamp) {
	for i, name := range []string{f.Cert, f.Key, f.ClientCA} {
		if info, err := os.Stat(name); name != "" && err == nil {
			all[i] = stamp{info.ModTime(), info.Size(), inode(info)}
		}
	}
	return all
}

// Config is for a listener. A connection gets the certificate of its time; those
// that are open are not touched. TLS 1.2 is the least.
func (s *Source) Config(protocols ...string) *tls.Config {
	var mu sync.Mutex
	var of *loaded
	var config *tls.Config // the same for as long as it holds, so that sessions are resumed
	current := func(*tls.ClientHelloInfo) (*tls.Config, error) {
		s.look()
		l := s.now.Load()
		mu.Lock()
		defer mu.Unlock()
		if of != l {
			of, config = l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{l.pair}, NextProtos: protocols}
			if l.clients != nil {
				config.ClientCAs, config.ClientAuth = l.clients, tls.RequireAndVerifyClientCert
			}
		}
		return config, nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, GetConfigForClient: current}
}

// Leaf is the certificate that is shown now.
func (s *Source) Leaf() *x509.Certificate { return s.now.Load().pair.Leaf }

// look reads the files anew if they have changed. Those that cannot be used are told
// of once, and what was read before stays.
func (s *Source) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.looked) >= lookEvery {
		s.looked = now
		if at := s.files.stamps(); at != s.now.Load().stamps && at != s.bad {
			if err := s.reload(); err != nil {
				s.bad = at
				s.log.Error("the files of TLS have changed and cannot be used; what was read before stays", "error", err)
			}
		}
	}
}

// Reload reads the files anew.
func (s *Source) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reload()
}

func (s *Source) reload() error {
	l, err := s.files.load()
	if err != nil {
		return err
	}
	if before := s.now.Load(); l.stamps != before.stamps {
		s.log.Info("certificate read anew", "file", s.files.Cert, "serial", l.pair.Leaf.SerialNumber.String(), "until", l.pair.Leaf.NotAfter.UTC())
	}
	s.now.Store(l)
	s.bad = [3]stamp{}
	return nil
}

// ReadLeaf reads the first certificate of a file.
func ReadLeaf(path string) (*x509.Certificate, error) {
	pool, err := ReadCertificates(path)
	if err != nil {
		return nil, err
	}
	return pool[0], nil
}

// ReadCertificates reads the certificates of a PEM file; there is one at least.
func ReadCertificates(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	certificates, err := parse(text)
	if err == nil && len(certificates) == 0 {
		err = errors.New("it has no certificate in PEM")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return certificates, nil
}
