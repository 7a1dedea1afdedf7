package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/matrix"
)

// Fleet is what became of sensors over time.
type Fleet interface {
	// Grid is a job's intervals that begin in [from, to), the last so many: those that were
	// committed, are being run, or are past and have nothing. Zero is no bound.
	Grid(ctx context.Context, job string, from, to time.Time, columns int) (*matrix.Grid, error)
	// GridOf has a column for each of some runs that were committed, as given.
	GridOf(ctx context.Context, runs []ledger.Run) (*matrix.Grid, error)
}

// MatrixHead is what a matrix has.
type MatrixHead struct {
	Job     string          `json:"job"`
	Version string          `json:"version" doc:"changes with what it shows"`
	Rows    int             `json:"rows" doc:"that were chosen"`
	Sensors int             `json:"sensors" doc:"of all intervals together"`
	Columns []matrix.Column `json:"columns" nullable:"false" doc:"by when their intervals begin"`
	States  []string        `json:"states" nullable:"false" doc:"the names of states, by their numbers in tiles"`
}

// MatrixRows are the names of some rows.
type MatrixRows struct {
	Version string       `json:"version"`
	Total   int          `json:"total"`
	Row     int          `json:"row" doc:"the number of the first"`
	Rows    []matrix.Row `json:"rows" nullable:"false"`
}

// MatrixParam is a matrix, and its rows. It is exported for huma to see it in other structs.
type MatrixParam struct {
	JobParam
	From    string      `query:"from" maxLength:"40" doc:"only intervals that begin then or later"`
	To      string      `query:"to" maxLength:"40" doc:"only intervals that begin earlier; without it: up to now"`
	Last    int         `query:"last" minimum:"1" maximum:"1024" default:"48" doc:"the last so many intervals of these"`
	Device  string      `query:"device" maxLength:"256" doc:"only sensors of this device"`
	Search  string      `query:"search" maxLength:"256" doc:"only sensors whose device/tag has this in it, in upper or lower case"`
	Fate    []string    `query:"fate" enum:"missing,scored,anomalous,partly,failed,silent,skipped,late,unknown" maxItems:"9" doc:"only sensors that are in one of these states in the last column whose sensors are known"`
	Cause   fleet.Cause `query:"cause" maxLength:"40" doc:"only sensors that failed of this cause in that column"`
	Group   string      `query:"group" enum:"sensor,device" default:"sensor" doc:"what a row is; a device shows the worst of its sensors: failed, partly, late, anomalous, silent, skipped, unknown, active, scored, missing"`
	Version string      `query:"version" maxLength:"32" doc:"409 if the matrix has another by now"`
}

type matrixRowsInput struct {
	MatrixParam
	Row   int `query:"row" minimum:"0" maximum:"100000000" doc:"the first"`
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"200"`
}

type matrixTileInput struct {
	MatrixParam
	Row     int    `query:"row" minimum:"0" maximum:"100000000" doc:"the first"`
	Rows    int    `query:"rows" minimum:"1" maximum:"8192" default:"1024"`
	Column  int    `query:"column" minimum:"0" maximum:"1024" doc:"the first"`
	Columns int    `query:"columns" minimum:"1" maximum:"1024" default:"64"`
	Match   string `header:"If-None-Match" maxLength:"400" doc:"304 if the tile is still this one"`
}

func (s *Server) matrixOperations(api huma.API) {
	at := "GET " + base + "/jobs/{job}/matrix"
	register(s, api, operation{id: "get-matrix", at: at, tag: "results", role: Viewer, conflicts: true, summary: "What became of each sensor over some intervals: what there is to see",
		about: "Rows and cells are in rows and tile, for the same parameters."}, s.matrixHead)
	register(s, api, operation{id: "list-matrix-rows", at: at + "/rows", tag: "results", role: Viewer, conflicts: true, summary: "The names of some rows of a matrix"}, s.matrixRows)
	registerBytes(s, api, operation{id: "get-matrix-tile", at: at + "/tile", tag: "results", role: Viewer, conflicts: true, summary: "A part of a matrix, packed",
		about: "24 bytes: FSM1, then as uint32, little-endian, how many rows and columns follow, the first row, the first column, and how many rows there are in all. " +
			"Then the rows, one after the other, each of (columns+1)/2 bytes: a cell has 4 bits, and of two cells in a byte the first has the lower ones. " +
			"A cell is the number of a state: 0 missing, 1 scored, 2 anomalous, 3 partly (scored, and some of its rows failed), 4 failed, 5 silent, 6 skipped, " +
			"7 late (silent, and the run did not wait for all readings), 8 active, 15 unknown."}, bytesType, s.matrixTile)
}

// selection finds the matrix and the rows that are asked for.
func (s *Server) selection(ctx context.Context, in *MatrixParam) (*matrix.Grid, *matrix.Selection, error) {
	from, to, err := span(in.From, in.To)
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.job(ctx, in.Job); err != nil {
		return nil, nil, err
	}
	g, err := s.cfg.Views.Grid(ctx, in.Job, from, to, in.Last)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what became of the sensors of job %s: %w", in.Job, err)
	}
	if in.Version != "" && in.Version != g.Version {
		return nil, nil, newProblem(http.StatusConflict, CodeConflict, "the matrix has changed", "ask for it anew, without version")
	}
	sel, err := g.Select(ctx, matrix.Filter{Device: in.Device, Search: in.Search, States: in.Fate, Cause: in.Cause, ByDevice: in.Group == "device"})
	if err != nil {
		return nil, nil, fmt.Errorf("reading what became of the sensors of job %s: %w", in.Job, err)
	}
	return g, sel, nil
}

func (s *Server) matrixHead(ctx context.Context, in *MatrixParam) (MatrixHead, error) {
	g, sel, err := s.selection(ctx, in)
	if err != nil {
		return MatrixHead{}, err
	}
	return MatrixHead{Job: in.Job, Version: g.Version, Rows: sel.Len(), Sensors: g.Len(), Columns: append([]matrix.Column{}, g.Columns...), States: matrix.Names()}, nil
}

func (s *Server) matrixRows(ctx context.Context, in *matrixRowsInput) (MatrixRows, error) {
	g, sel, err := s.selection(ctx, &in.MatrixParam)
	if err != nil {
		return MatrixRows{}, err
	}
	return MatrixRows{Version: g.Version, Total: sel.Len(), Row: in.Row, Rows: sel.Rows(in.Row, in.Limit)}, nil
}

func (s *Server) matrixTile(ctx context.Context, in *matrixTileInput) (*bytesAnswer, error) {
	g, sel, err := s.selection(ctx, &in.MatrixParam)
	if err != nil {
		return nil, err
	}
	p := matrix.Span{Row: in.Row, Rows: in.Rows, Column: in.Column, Columns: in.Columns}
	a := &bytesAnswer{tag: etag(g.Version, in.Device, in.Search, in.Fate, in.Cause, in.Group, p)}
	if a.unchanged = in.Match == a.tag; !a.unchanged {
		a.body = sel.Tile(p)
	}
	return a, nil
}
