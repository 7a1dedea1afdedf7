package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/web/client"
)

// ledgerName is the file of the ledger in the state's folder.
const ledgerName = "ledger.db"

// backup implements web.Backup.
func (a *App) backup(ctx context.Context) (*os.File, error) {
	file, err := os.CreateTemp(a.settings().StateDir(), "backup-*") // empty, of mode 600
	if err != nil {
		return nil, err
	}
	err = a.ledger.Backup(ctx, file.Name())
	if err = errors.Join(err, os.Remove(file.Name())); err != nil { // it is there until it is closed
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Backup is what was backed up, or put back.
type Backup struct {
	To     string `json:"to,omitempty"`
	From   string `json:"from,omitempty"`
	Aside  string `json:"aside,omitempty"` // where the ledger is that was there
	Bytes  int64  `json:"bytes"`
	Jobs   int    `json:"jobs"`
	Runs   int    `json:"runs"`
	Newest string `json:"newest_run,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // that the copy has at its end; "": none has
}

// BackUp copies the ledger of a deployment to a file, or an object of a store, that
// is not there yet. fetch asks a service for a copy; if that is to be the deployment's
// own, and runs nowhere, the file of the ledger is copied. ErrNoBackup, of the ledger,
// if that is in a database.
func BackUp(ctx context.Context, file *config.File, to string, own bool, fetch func(io.Writer) error) (Backup, error) {
	if own && file.Database != "" {
		return Backup{}, ledger.NoBackup(file.Database)
	}
	at, err := parseLocation(to)
	if err != nil {
		return Backup{}, err
	}
	folder := os.TempDir()
	if !at.remote() {
		if _, err := os.Lstat(at.path); err == nil {
			return Backup{}, fmt.Errorf("%s is there already; give another name, or remove it first", to)
		}
		folder = filepath.Dir(at.path)
	}
	temp, err := os.CreateTemp(folder, ".fleetscore-backup-*") // of mode 600
	if err != nil {
		return Backup{}, err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // a second name of what was linked, or nothing
	err = fetch(temp)
	if err = errors.Join(err, temp.Sync(), temp.Close()); own && errors.Is(err, client.ErrNotRunning) {
		err = copyLedger(ctx, file, temp.Name())
	}
	if err != nil {
		return Backup{}, err
	}
	b, err := described(ctx, temp.Name())
	if err != nil {
		return Backup{}, err
	}
	b.To = at.shown()
	if at.remote() {
		return b, putBackup(ctx, at, temp.Name())
	}
	if err := os.Link(temp.Name(), at.path); err != nil { // which is not, if it has come to be there
		return Backup{}, err
	}
	return b, syncDir(folder)
}

// copyLedger copies a ledger that no service has open.
func copyLedger(ctx context.Context, file *config.File, to string) error {
	path := filepath.Join(file.StateDir(), ledgerName)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no service, and no ledger: %w", err)
	}
	l, err := ledger.Open(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(l.Backup(ctx, to), l.Close())
}

func described(ctx context.Context, path string) (Backup, error) {
	c, err := ledger.Inspect(ctx, path)
	if err != nil {
		return Backup{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return Backup{}, err
	}
	return Backup{Bytes: info.Size(), Jobs: c.Jobs, Runs: c.Runs, Newest: c.Newest, SHA256: c.SHA256}, nil
}

func putBackup(ctx context.Context, at location, path string) error {
	var b buckets
	s, err := b.of(ctx, at)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err == nil {
		err = s.PutIfAbsent(ctx, at.path, bytes.NewReader(data))
	}
	if errors.Is(err, store.ErrExists) {
		err = fmt.Errorf("%s is there already; give another name", at.shown())
	}
	return errors.Join(err, b.close())
}

// Restore puts a copy in the place of the ledger of a deployment that no service has.
// ErrNoBackup, of the ledger, if that is in a database.
func Restore(ctx context.Context, file *config.File, from string) (Backup, error) {
	if file.Database != "" {
		return Backup{}, ledger.NoRestore(file.Database)
	}
	at, err := parseLocation(from)
	if err != nil {
		return Backup{}, err
	}
	state := file.StateDir()
	if err := os.MkdirAll(state, 0o700); err != nil {
		return Backup{}, err
	}
	path := at.path
	if at.remote() {
		if path, err = fetchBackup(ctx, at, state); err != nil {
			return Backup{}, err
		}
		defer func() { _ = os.Remove(path) }() // it was copied
	}
	c, err := ledger.Inspect(ctx, path)
	if err != nil {
		return Backup{}, fmt.Errorf("%w; use another copy, the ledger has not changed", err)
	}
	if err := sameIdentity(file, c.Settings[identityName]); err != nil {
		return Backup{}, err
	}
	b, err := described(ctx, path)
	if err != nil {
		return Backup{}, err
	}
	b.From = at.shown()
	b.Aside, err = ledger.Restore(ctx, path, filepath.Join(state, ledgerName), time.Now())
	return b, err
}

// sameIdentity refuses the ledger of another store.
func sameIdentity(file *config.File, known string) error {
	at, err := parseLocation(file.Store)
	if err != nil || at.remote() || known == "" {
		return err
	}
	id, err := readIdentity(filepath.Join(at.path, config.StateName))
	if err == nil && id != known || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the copy is of the ledger of another store than %s: is it mounted, and are these the settings?", at.shown())
	}
	return err
}

func fetchBackup(ctx context.Context, at location, state string) (string, error) {
	var b buckets
	s, err := b.of(ctx, at)
	if err != nil {
		return "", err
	}
	data, err := s.Get(ctx, at.path, nil)
	if err = errors.Join(err, b.close()); err != nil {
		return "", err
	}
	path := filepath.Join(state, "restore-"+strings.ToLower(rand.Text()))
	return path, os.WriteFile(path, data, 0o600)
}

func syncDir(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
