package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/internal/secretfile"
	"github.com/fleetscore/fleetscore/ledger"
)

// identityName is the file in the hidden folder of a store that tells it from any
// other folder that may come to be in its place: of a disk that is not mounted.
const identityName = "store-id"

// identify reads what the store is called, and names it if that is its first time.
func (a *App) identify(ctx context.Context) error {
	if a.at.remote() {
		return nil
	}
	folder := filepath.Join(a.at.path, config.StateName)
	known, _, err := a.ledger.Setting(ctx, identityName)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	id, err := readIdentity(folder)
	if known != "" && (errors.Is(err, fs.ErrNotExist) || err == nil && id != known) {
		return fmt.Errorf("%s is not the store that the ledger %s is of: is it mounted? Another store needs a ledger of its own", a.at.shown(), ledger.Shown(a.ledgerPlace()))
	}
	if errors.Is(err, fs.ErrNotExist) {
		id = strings.ToLower(rand.Text())
		if err = os.MkdirAll(folder, 0o700); err == nil {
			err = secretfile.Write(filepath.Join(folder, identityName), []byte(id+"\n"))
		}
	}
	if err != nil {
		return fmt.Errorf("the store's name for itself: %w", err)
	}
	a.identity = id
	if known == "" {
		return a.ledger.SetSetting(ctx, identityName, id)
	}
	return nil
}

func readIdentity(folder string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, identityName))
	return strings.TrimSpace(string(text)), err
}

// sameStore tells when the folder is not the one that the service was started on.
func (a *App) sameStore() error {
	if a.at.remote() {
		return nil
	}
	id, err := readIdentity(filepath.Join(a.at.path, config.StateName))
	if err != nil {
		return fmt.Errorf("%s is not the store it was: %w; is it mounted?", a.at.shown(), err)
	}
	if id != a.identity {
		return fmt.Errorf("%s is another store than fleetscore was started on; bring that back, or restart fleetscore", a.at.shown())
	}
	return nil
}

// mayWrite tells when nothing may be planned, committed or deleted in the store: it is
// not what it was, or the ledger may be another process's by now.
func (a *App) mayWrite() error {
	if err := a.ledger.Held(); err != nil {
		return err
	}
	return a.sameStore()
}

// streamName is the file that names the stream of this machine, where several machines
// feed one store in turns.
const streamName = "stream-id"

// nameStream reads what the stream is called, and names it if that is its first time.
func nameStream(state string) (string, error) {
	text, err := os.ReadFile(filepath.Join(state, streamName))
	id := strings.TrimSpace(string(text))
	if errors.Is(err, fs.ErrNotExist) {
		id = strings.ToLower(rand.Text())
		err = secretfile.Write(filepath.Join(state, streamName), []byte(id+"\n"))
	}
	if err == nil && id == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("the name of this machine's stream, %s: %w", filepath.Join(state, streamName), err)
	}
	return id, nil
}
