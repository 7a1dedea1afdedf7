package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
)

// Push is models that are to be put into the store of a deployment.
type Push struct {
	Folder string // with the models
	// Name is the key template of a model in the folder.
	Name string
	// To is the folder in the store.
	To     string
	DryRun bool
	// AllowHostile stores files that name code which Python would run too.
	AllowHostile bool
	// Progress, if set, is told how many files of how many are done.
	Progress func(done, total int)
}

// Pushed is what became of the files.
type Pushed struct {
	Stored    int      `json:"stored"`
	Unchanged int      `json:"unchanged"`  // the store had the same bytes
	Refused   []Pushee `json:"refused"`    // no models; they were not stored
	Hostile   []Pushee `json:"hostile"`    // they name code that Python would run; they were not stored unless that was allowed
	Other     []Pushee `json:"not_native"` // models that are not scored natively, and name no such code; they were stored
	Unnamed   []string `json:"unnamed"`    // files that no sensor's model is called like
	Models    string   `json:"models"`     // the key template for a job
}

// Pushee is a file, and what is to be said of it.
type Pushee struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// pushAtOnce is how many models are looked at and stored together.
const pushAtOnce = 256

// PushModels looks at every file in a folder, without executing anything, and
// stores those that are models, each whole or not at all. Whatever fleetscore does with
// them runs nothing; but others may load what is in a store.
func PushModels(ctx context.Context, file *config.File, p Push) (out *Pushed, err error) {
	l, err := parseLocation(file.Store)
	if err != nil {
		return nil, err
	}
	out = &Pushed{Refused: []Pushee{}, Hostile: []Pushee{}, Other: []Pushee{}, Unnamed: []string{}, Models: path.Join(p.To, p.Name)}
	var problems config.Problems
	name, err := store.ParseKeyTemplate(p.Name)
	problems.Add("--name", err)
	problems.Add("--to", store.CheckKey(p.To))
	if err := problems.Err(); err != nil {
		return nil, err
	}
	root := resolved(p.Folder)
	paths, unreadable, err := files(root)
	if err = errors.Join(append([]error{err}, unreadable...)...); err != nil {
		return nil, fmt.Errorf("looking for models in %s: %w", p.Folder, err)
	}
	s, err := openStore(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for done := 0; done < len(paths); {
		batch := paths[done:min(done+pushAtOnce, len(paths))]
		if err := out.push(ctx, s, root, batch, name, p); err != nil {
			return nil, err
		}
		done += len(batch)
		if p.Progress != nil {
			p.Progress(done, len(paths))
		}
	}
	return out, nil
}

// push stores some of the files.
func (out *Pushed) push(ctx context.Context, s store.Store, root string, paths []string, name store.KeyTemplate, p Push) error {
	var objects []store.Object
	for _, local := range paths {
		relative, err := filepath.Rel(root, local)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		if _, ok := name.Match(relative); !ok && (name.Device() || relative != name.String()) {
			out.Unnamed = append(out.Unnamed, relative)
			continue
		}
		data, err := readModel(local)
		if errors.Is(err, os.ErrPermission) {
			return err
		}
		if err != nil {
			out.Refused = append(out.Refused, Pushee{relative, err.Error()})
			continue
		}
		info, err := sklearn.Inspect(data)
		if err != nil {
			out.Refused = append(out.Refused, Pushee{relative, err.Error()})
			continue
		}
		if code := info.Hostile(); code != nil {
			out.Hostile = append(out.Hostile, Pushee{relative, fmt.Sprintf("it names %s at byte %d, which runs code when Python loads the file", code.Name, code.Offset)})
			if !p.AllowHostile {
				continue
			}
		} else if !info.Native {
			out.Other = append(out.Other, Pushee{relative, info.Reason})
		}
		object := store.Object{Key: strings.TrimSuffix(p.To, "/") + "/" + relative, Body: data}
		same, err := sameObject(ctx, s, object)
		if err != nil {
			return err
		}
		if same {
			out.Unchanged++
			continue
		}
		objects = append(objects, object)
	}
	if !p.DryRun {
		for i, err := range store.PutAll(ctx, s, objects) {
			if err != nil {
				return fmt.Errorf("storing %s: %w", objects[i].Key, err)
			}
		}
	}
	out.Stored += len(objects)
	return nil
}

// sameObject reports whether the store has an object just so: one that is
// written again would be packed again.
func sameObject(ctx context.Context, s store.Store, o store.Object) (bool, error) {
	info, err := s.Stat(ctx, o.Key)
	if errors.Is(err, store.ErrNotFound) || err == nil && info.Size != int64(len(o.Body)) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	data, err := s.Get(ctx, o.Key, nil)
	return bytes.Equal(data, o.Body), err
}
