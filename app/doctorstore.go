package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/internal/counted"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
)

// openForDoctor opens the store if it is there; it makes none.
func (d *doctor) openForDoctor(ctx context.Context) (closingStore, location, error) {
	at, err := parseLocation(d.file.Store)
	if err != nil {
		return nil, at, err
	}
	s, err := openExisting(ctx, at)
	return s, at, err
}

// slow is from when a store's answer is remarked on.
const slow = 2 * time.Second

// checkStore does with the store what runs do, under a name of its own.
func (d *doctor) checkStore(ctx context.Context) {
	const check = "store"
	s, at, err := d.openForDoctor(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		d.warn(check, at.shown()+" is not there", "fleetscore up makes it; if it was there: is its disk mounted?")
		return
	}
	if err != nil {
		d.fail(check, err.Error(), "")
		return
	}
	defer s.Close()
	begun := time.Now()
	skew, err := tryAll(ctx, s)
	took := time.Since(begun)
	if err != nil {
		d.fail(check, at.shown()+": "+err.Error(), "runs wait until the store serves: look at its permissions, quota and network")
		return
	}
	if took > slow {
		d.warn(check, fmt.Sprintf("%s: written, read, listed and deleted in %s, which is slow", at.shown(), took.Round(time.Millisecond)), "a run does this some times for each partition; use a nearer store")
	} else {
		d.ok(check, "%s: written once, read, listed, deleted in %s", at.shown(), took.Round(100*time.Microsecond))
	}
	if most := time.Minute; skew > most || skew < -most {
		d.warn("clock", fmt.Sprintf("the store's clock is %s from this machine's", skew.Round(time.Second)), "have both set by NTP: what is to be deleted is told by age")
	}
}

// tryAll writes, reads, lists and deletes an object, and says by how much the store's
// clock is ahead.
func tryAll(ctx context.Context, s store.Store) (skew time.Duration, err error) {
	key := "runs/probe-" + strings.ToLower(rand.Text())
	body := []byte("fleetscore doctor")
	put := time.Now()
	if err := s.PutIfAbsent(ctx, key, bytes.NewReader(body)); err != nil {
		return 0, fmt.Errorf("it cannot be written: %w", err)
	}
	defer func() {
		if deleteErr := s.Delete(context.WithoutCancel(ctx), key); err == nil && deleteErr != nil {
			err = fmt.Errorf("what is in it cannot be deleted: %w", deleteErr)
		}
	}()
	if err := s.PutIfAbsent(ctx, key, bytes.NewReader(nil)); !errors.Is(err, store.ErrExists) {
		return 0, fmt.Errorf("it writes over what is there where it must not (%v): commits would not be safe", err) //nolint:errorlint // nil too
	}
	got, err := s.Get(ctx, key, nil)
	if err != nil || !bytes.Equal(got, body) {
		return 0, fmt.Errorf("what was written is read as %q: %w", got, err)
	}
	info, err := s.Stat(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("what was written is not there: %w", err)
	}
	seen := false
	for info, err := range s.List(ctx, key) {
		if err != nil {
			return 0, fmt.Errorf("it cannot be listed: %w", err)
		}
		seen = seen || info.Key == key
	}
	if !seen {
		return 0, errors.New("what was written is not in the list")
	}
	return info.ModTime.Sub(put), nil
}

// checkModels looks whether each job has models that can be read: at the first.
func (d *doctor) checkModels(ctx context.Context) {
	s, _, err := d.openForDoctor(ctx)
	if err != nil {
		return // checkStore says so
	}
	defer s.Close()
	for _, name := range d.jobNames() {
		check := "models of " + name
		template, err := store.ParseKeyTemplate(d.file.Jobs[name].ModelKey())
		if err != nil {
			continue // LoadSettings says so
		}
		key, err := firstModel(ctx, s, template)
		switch {
		case err != nil:
			d.fail(check, err.Error(), "")
		case key == "":
			d.warn(check, "no model is called like "+template.String(), "store some with fleetscore models push, or give another name with models")
		default:
			data, err := s.Get(ctx, key, nil)
			if err == nil {
				_, err = sklearn.Load(data)
			}
			if err != nil {
				d.warn(check, key+": "+err.Error(), "fleetscore inspect says what it is; sensors with such a model fail")
			} else {
				d.ok(check, "%s is read", key)
			}
		}
	}
}

func firstModel(ctx context.Context, s store.Lister, template store.KeyTemplate) (string, error) {
	for info, err := range s.List(ctx, template.Prefix()) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("listing the models: %w", err)
		}
		if _, ok := template.Match(info.Key); ok || template.String() == info.Key {
			return info.Key, nil
		}
	}
	return "", nil
}

// checkLedger reads the ledger, if no service has it.
func (d *doctor) checkLedger(ctx context.Context) {
	const check = "ledger"
	if d.file.Database != "" {
		d.checkDatabase(ctx)
		return
	}
	path := filepath.Join(d.file.StateDir(), ledgerName)
	if _, err := os.Stat(path); err != nil {
		d.ok(check, "%s is not there yet; fleetscore up makes it", path)
		return
	}
	holder, err := ledger.Holder(path)
	switch {
	case err != nil:
		d.fail(check, err.Error(), "run this as the user of the service")
		return
	case holder != "":
		d.ok(check, "%s is in use by %s", path, holder)
		if !d.running {
			d.warn(check, "that process does not answer at "+d.access.URL, "it may be starting or ending, or have other settings")
		}
		return
	}
	c, err := ledger.Inspect(ctx, path)
	if err != nil {
		d.fail(check, err.Error(), "put back a copy with fleetscore restore")
		return
	}
	d.ok(check, "%s is sound: %s, %s", path, counted.Of(c.Jobs, "job"), counted.Of(c.Runs, "run"))
	d.checkContents(check, c)
}
