// Package secretfile keeps secrets in files that are their owner's alone.
package secretfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Max is how large such a file may be, in bytes.
const Max = 1 << 20

// Read reads a file, and refuses one that others may read or write too.
func Read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (mode %o); chmod 600 it, or delete it and another is made", path, info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(file, Max+1))
	if err == nil && len(data) > Max {
		err = fmt.Errorf("%s is larger than %d bytes", path, Max)
	}
	return data, err
}

// Write writes a file, whole or not at all, and durably.
func Write(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // of mode 600
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
