package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// SecretFile is a file that will have a secret.
type SecretFile struct {
	file    *os.File // nil: there is to be none
	written bool
}

// NewSecretFile makes a file for its owner alone, which must not be there yet; none
// if the path is empty.
func NewSecretFile(path string) (*SecretFile, error) {
	if path == "" {
		return &SecretFile{}, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s is there already; give another name, or remove it first", path)
	}
	if err != nil {
		return nil, err
	}
	return &SecretFile{file: file}, nil
}

// Write writes the secret, durably.
func (s *SecretFile) Write(secret string) error {
	if s.file == nil {
		return nil
	}
	_, err := s.file.WriteString(secret + "\n")
	err = errors.Join(err, s.file.Sync())
	s.written = err == nil
	return err
}

// Close removes the file if nothing was written.
func (s *SecretFile) Close() {
	if s.file == nil {
		return
	}
	_ = s.file.Close() // what was written is synced
	if !s.written {
		_ = os.Remove(s.file.Name()) // it holds nothing
	}
}
