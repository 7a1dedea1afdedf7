package webtest

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/fleetscore/fleetscore/view/models"
	"github.com/fleetscore/fleetscore/view/objects"
	"github.com/fleetscore/fleetscore/web"
)

// Store has a log, and a file that is damaged.
type Store struct{}

// Objects implements web.Objects.
func (Store) Objects(_ context.Context, prefix, _ string, _ int) (objects.Listing, error) {
	return objects.Listing{Prefix: prefix, Folders: []string{prefix + "logs/"}, Objects: []objects.Object{}}, nil
}

// Preview implements web.Objects.
func (Store) Preview(_ context.Context, key string, _, _ int) (*objects.Preview, error) {
	switch key {
	case "logs/a.log":
		return &objects.Preview{Object: objects.Object{Key: key, Size: 3, Modified: Noon()}, Kind: objects.KindText, Text: "<b>"}, nil
	case "windows/bad.parquet":
		return nil, fmt.Errorf("%w: it is damaged", objects.ErrUnreadable)
	}
	return nil, web.ErrNotFound
}

// Object implements web.Objects.
func (o Store) Object(ctx context.Context, key string) (io.ReadCloser, objects.Object, error) {
	p, err := o.Preview(ctx, key, 0, 0)
	if err != nil {
		return nil, objects.Object{}, web.ErrNotFound
	}
	return io.NopCloser(strings.NewReader(p.Text)), p.Object, nil
}

// ModelFiles has one.
type ModelFiles struct{}

func model() models.Model {
	return models.Model{Key: "models/pump-0/t0.pkl", Modified: Noon(), Device: "pump-0", Tag: "t0", Jobs: []string{"hourly"}, Info: models.Info{
		Format: "pickle", Protocol: 4, Native: true, Features: 1, Digest: "ab", Size: 7,
		Steps: []models.Step{{Name: "svm", Class: "sklearn.svm.OneClassSVM", Native: true, Params: []models.Param{{Name: "nu", Value: "0.1"}}, Arrays: []models.ArrayInfo{}}}, Globals: []models.Global{},
	}}
}

// Models implements web.Models.
func (ModelFiles) Models(context.Context, string, string, int) ([]models.Model, string, error) {
	return []models.Model{model()}, "", nil
}

// Model implements web.Models.
func (ModelFiles) Model(_ context.Context, key string) (*models.Model, error) {
	m := model()
	if key != m.Key {
		return nil, web.ErrNotFound
	}
	return &m, nil
}

// ModelSummary implements web.Models.
func (ModelFiles) ModelSummary(context.Context) (models.Summary, error) {
	return models.Summary{Complete: true, Models: 1, Looked: 1, Time: Noon(), Kinds: []models.ModelKind{{Kind: "OneClassSVM", Native: true, Models: 1}}, Ages: []models.Age{{Days: 1, Models: 1}}}, nil
}
