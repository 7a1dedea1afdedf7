package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// base is what the paths of operations begin with.
const base = "/api/v1"

// Document is the OpenAPI document of the API.
func Document() ([]byte, error) { return (&Server{}).routes(http.NewServeMux()) }

// routes registers all operations, and gives the document of them.
func (s *Server) routes(mux *http.ServeMux) ([]byte, error) {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "fleetscore", Version: "1", Description: "What a deployment of fleetscore knows, and what it can be told to do. " +
				"Reading needs a token unless the service listens on a loopback address; x-role is the role that an operation needs."},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "fleetscore up writes a token of the role admin to the file token among its data; fleetscore token makes others."},
				},
			},
			Tags: []*huma.Tag{{Name: "overview"}, {Name: "jobs"}, {Name: "runs"}, {Name: "results"}, {Name: "sensors"}, {Name: "models"}, {Name: "store"}, {Name: "stream"}, {Name: "pool"}, {Name: "notify"}, {Name: "service"}, {Name: "tokens"}},
		},
		Formats: huma.DefaultFormats, DefaultFormat: "application/json",
		RejectUnknownQueryParameters: true,
		Transformers: []huma.Transformer{func(_ huma.Context, _ string, v any) (any, error) {
			if m, ok := v.(*huma.ErrorModel); ok {
				return fromModel(m), nil
			}
			return v, nil
		}},
	})
	s.overviewOperations(api)
	s.jobOperations(api)
	s.runOperations(api)
	s.taskOperations(api)
	s.runDetailOperations(api)
	s.logSearchOperation(api)
	s.resultOperations(api)
	s.matrixOperations(api)
	s.sensorOperations(api)
	s.modelOperations(api)
	s.objectOperations(api)
	s.intakeOperations(api)
	s.poolOperations(api)
	s.spendingOperation(api)
	s.trialOperation(api)
	s.meterOperations(api)
	s.notifyOperations(api)
	s.readingsOperation(mux, api)
	s.serviceOperations(api)
	s.workloadOperation(api)
	s.backupOperation(api)
	s.tokenOperations(api)
	s.deviceTokenOperations(api)
	s.sessionOperations(api)
	s.eventOperation(api)

	compact, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	var document bytes.Buffer
	if err := json.Indent(&document, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	document.WriteByte('\n')
	return document.Bytes(), nil
}

// output is the answer of an operation.
type output[T any] struct{ Body T }

// operation is what is to be said of one.
type operation struct {
	id      string // such as get-run
	at      string // method and path, such as "GET /runs/{run}"
	tag     string
	role    Role
	summary string
	about   string
	status  int // of success; 0: 200
	// conflicts says that it may be refused as things stand.
	conflicts bool
	// absent says that there may be none, though its path does not name it.
	absent bool
}

// huma is the operation as huma describes it.
func (o operation) huma(s *Server, schemas huma.Registry) huma.Operation {
	method, path, _ := strings.Cut(o.at, " ")
	op := huma.Operation{
		OperationID: o.id, Method: method, Path: path, Summary: o.summary, Description: o.about, Tags: []string{o.tag},
		DefaultStatus: o.status, MaxBodyBytes: maxBody, Extensions: map[string]any{"x-role": o.role.String()},
		Middlewares: huma.Middlewares{s.door.admitted(o.role)},
	}
	switch o.role {
	case Nobody:
	case Viewer, Device:
		op.Security = []map[string][]string{{}, {"token": {}}}
	default:
		op.Security = []map[string][]string{{"token": {}}}
	}
	problem := func(text string) *huma.Response {
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{
			problemType: {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "")},
		}}
	}
	op.Responses = map[string]*huma.Response{"default": problem("Any other problem")}
	op.Responses["403"] = problem("Not with this token, host or origin")
	if o.role != Nobody {
		op.Responses["401"] = problem("No token, or not a known one")
		op.Responses["429"] = problem("Too many wrong tokens came from this address, or too much is under way; Retry-After says when")
	}
	if strings.Contains(path, "{") || o.absent {
		op.Responses["404"] = problem("There is none")
	}
	if o.conflicts {
		op.Responses["409"] = problem("Not as things stand")
	}
	op.Responses["422"] = problem("The request is not valid")
	return op
}

// register adds an operation that answers with JSON.
func register[I, T any](s *Server, api huma.API, o operation, do func(context.Context, *I) (T, error)) {
	op := o.huma(s, api.OpenAPI().Components.Schemas)
	huma.Register(api, op, func(ctx context.Context, in *I) (*output[T], error) {
		ctx, cancel := context.WithTimeout(ctx, answerTimeout)
		defer cancel()
		body, err := do(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, o.id, err)
		}
		return &output[T]{body}, nil
	})
}

// registerStream adds an operation that answers with text: begin finds out whether
// it can, what it gives writes it.
func registerStream[I any](s *Server, api huma.API, o operation, contentType, about string, begin func(context.Context, *I) (func(http.ResponseWriter, *http.Request), error)) {
	op := o.huma(s, api.OpenAPI().Components.Schemas)
	op.Responses["200"] = &huma.Response{Description: about, Content: map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString}}}}
	huma.Register(api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		stream, err := begin(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, o.id, err)
		}
		by := callerOf(ctx)
		return &huma.StreamResponse{Body: func(ctx huma.Context) { //nolint:contextcheck // the request's own context
			r, w := humago.Unwrap(ctx)
			within, end := context.WithCancel(r.Context())
			defer end()
			defer s.cfg.Credentials.Watch(by.Identity, end)() // it ends with its token
			w.Header().Set("Content-Type", contentType)
			stream(w, r.WithContext(within))
		}}, nil
	})
}

// problem is what is told of an error; what is not for others goes to the log.
func (s *Server) problem(ctx context.Context, operation string, err error) *Problem {
	p, told := problemOf(err)
	if !told && !errors.Is(ctx.Err(), context.Canceled) {
		p.Request = requestNumber()
		s.cfg.Log.Error("a request failed", "operation", operation, "request", p.Request, "error", err)
	}
	return p
}
