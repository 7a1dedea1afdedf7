package app

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/view/models"
	"github.com/fleetscore/fleetscore/view/objects"
	"github.com/fleetscore/fleetscore/web"
)

// objectView is what the store holds, for the API.
type objectView struct{ *App }

var (
	_ web.Objects = objectView{}
	_ web.Models  = modelView{}
)

// layout is the folders that the service keeps in a store.
func layout() []string {
	return []string{"readings/", "windows/", "checkpoints/", "packs/", "runs/", "predictions/", "commits/", "tiles/", "days/", "late/", "logs/"}
}

// mayShow reports whether the key of an object is one that people may read: a folder of
// data may hold the token and the ledger as well.
func (v objectView) mayShow(key string) bool {
	if name := path.Base(key); name == tokenName || name == keysName {
		return false
	}
	for _, prefix := range layout() {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	for _, t := range v.templates() {
		if _, ok := t.Owner(key); ok && strings.Contains(key, "/") {
			return true
		}
	}
	v.jobs.mu.RLock()
	defer v.jobs.mu.RUnlock()
	for _, job := range v.jobs.runs {
		folder := job.Input.Files
		if at := strings.IndexAny(folder, "{*?["); at >= 0 {
			folder = folder[:at]
		}
		folder = folder[:strings.LastIndexByte(folder, '/')+1]
		if key == job.Input.File || folder != "" && strings.HasPrefix(key, folder) {
			return true
		}
	}
	return false
}

// Objects implements web.Objects.
func (v objectView) Objects(ctx context.Context, prefix, after string, limit int) (objects.Listing, error) {
	return objects.List(ctx, v.store, prefix, after, limit, v.mayShow)
}

func (v objectView) refuse(key string) error {
	if v.mayShow(key) {
		return nil
	}
	return fmt.Errorf("%w: %s is nothing that is shown", web.ErrNotFound, key)
}

// Preview implements web.Objects.
func (v objectView) Preview(ctx context.Context, key string, skip, rows int) (*objects.Preview, error) {
	if err := v.refuse(key); err != nil {
		return nil, err
	}
	return objects.Look(ctx, v.store, key, skip, rows)
}

// Object implements web.Objects.
func (v objectView) Object(ctx context.Context, key string) (io.ReadCloser, objects.Object, error) {
	if err := v.refuse(key); err != nil {
		return nil, objects.Object{}, err
	}
	info, err := v.store.Stat(ctx, key)
	if err != nil {
		return nil, objects.Object{}, err
	}
	body, err := v.store.GetRange(ctx, key, 0, info.Size)
	return body, objects.Object{Key: key, Size: info.Size, Modified: info.ModTime}, err
}

// templates are how the models of jobs are called.
func (a *App) templates() []models.Template {
	a.jobs.mu.RLock()
	defer a.jobs.mu.RUnlock()
	byText := map[string][]string{}
	for name, job := range a.jobs.runs {
		if job.Recipe.Models == fleet.NoModels {
			continue
		}
		byText[job.Recipe.Models] = append(byText[job.Recipe.Models], name)
	}
	var all []models.Template
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		if t, err := store.ParseKeyTemplate(text); err == nil {
			slices.Sort(byText[text])
			all = append(all, models.Template{KeyTemplate: t, Jobs: byText[text]})
		}
	}
	return all
}

// modelView is the models of all jobs, for the API.
type modelView struct{ *models.Catalogue }

func newModelView(a *App) modelView {
	return modelView{&models.Catalogue{Store: a.store, Templates: a.templates, Now: time.Now}}
}

// Models implements web.Models.
func (v modelView) Models(ctx context.Context, search, after string, limit int) ([]models.Model, string, error) {
	return v.List(ctx, search, after, limit)
}

// Model implements web.Models.
func (v modelView) Model(ctx context.Context, key string) (*models.Model, error) {
	return v.Look(ctx, key)
}

// ModelSummary implements web.Models.
func (v modelView) ModelSummary(ctx context.Context) (models.Summary, error) { return v.Summary(ctx) }
