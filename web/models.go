package web

import (
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/view/models"
)

// Models are the models of all jobs.
type Models interface {
	Models(ctx context.Context, search, after string, limit int) (page []models.Model, next string, err error)
	Model(ctx context.Context, key string) (*models.Model, error)
	ModelSummary(ctx context.Context) (models.Summary, error)
}

// ModelList is some models, by their keys.
type ModelList struct {
	Models []models.Model `json:"models" nullable:"false" doc:"without what their files name, and without arrays"`
	Next   string         `json:"next,omitempty" doc:"there are more: ask with cursor set to it"`
}

type listModelsInput struct {
	Search string `query:"search" maxLength:"256" doc:"only those whose key has this in it, in upper or lower case"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"the next of an answer"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"each is read"`
}

type modelInput struct {
	Key string `query:"key" required:"true" minLength:"1" maxLength:"1024"`
}

func (s *Server) modelOperations(api huma.API) {
	register(s, api, operation{id: "list-models", at: "GET " + base + "/models", tag: "models", role: Viewer, summary: "The models of all jobs",
		about: "Sensors without a model, and models without readings, are among the sensors of a job: of the cause no_model or the fate skipped, and of the fate silent."}, s.listModels)
	register(s, api, operation{id: "get-model-summary", at: "GET " + base + "/models/summary", tag: "models", role: Viewer, summary: "Which kinds of models there are, and how old they are",
		about: "Files are looked at in the background, once somebody asks."},
		func(ctx context.Context, _ *struct{}) (models.Summary, error) {
			sum, err := s.cfg.Views.ModelSummary(ctx)
			if err != nil {
				return sum, fmt.Errorf("listing models: %w", err)
			}
			return sum, nil
		})
	register(s, api, operation{id: "inspect-model", at: "GET " + base + "/models/inspect", tag: "models", role: Viewer, absent: true, summary: "What is in a model's file",
		about: "It is read as data, and nothing in it is executed."},
		func(ctx context.Context, in *modelInput) (*models.Model, error) {
			if err := store.CheckKey(in.Key); err != nil {
				return nil, invalid("query.key", err)
			}
			return s.cfg.Views.Model(ctx, in.Key)
		})
}

func (s *Server) listModels(ctx context.Context, in *listModelsInput) (ModelList, error) {
	page, next, err := s.cfg.Views.Models(ctx, in.Search, in.Cursor, in.Limit)
	if err != nil {
		return ModelList{}, fmt.Errorf("listing models: %w", err)
	}
	return ModelList{Models: page, Next: next}, nil
}
