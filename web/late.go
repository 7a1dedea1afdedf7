package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// LateFilter says which late readings are meant; without anything, all are.
type LateFilter struct {
	Device string    `json:"device,omitempty" maxLength:"256"`
	Tag    string    `json:"tag,omitempty" maxLength:"256"`
	Cause  string    `json:"cause,omitempty" enum:"late,early"`
	From   time.Time `json:"from,omitzero" doc:"their own time is then or later"`
	To     time.Time `json:"to,omitzero" doc:"their own time is before it"`
}

// LateList is readings that a window did not take, those that came last first.
type LateList struct {
	Window string        `json:"window"`
	Late   []LateReading `json:"late" nullable:"false"`
	More   bool          `json:"more,omitempty" doc:"there are more than were asked for"`
}

// LateReading is a reading that was kept aside.
type LateReading struct {
	Device string    `json:"device"`
	Tag    string    `json:"tag"`
	Time   time.Time `json:"ts"`
	Value  Float     `json:"value"`
	Seq    *uint64   `json:"seq,omitempty"`
	Cause  string    `json:"cause" enum:"late,early" doc:"late: its window is closed for good; early: it is too far in the future"`
	Stored time.Time `json:"stored,omitzero" doc:"when it was stored among the late readings; none: it is not yet"`
}

// LateReplay is what was replayed.
type LateReplay struct {
	Readings int `json:"readings" doc:"that are in the stream once more; their windows come out again when they have settled"`
	Waiting  int `json:"waiting,omitempty" doc:"early ones whose time has not come; they are kept aside still"`
}

type listLateInput struct {
	Window string `path:"window" maxLength:"64"`
	Device string `query:"device" maxLength:"256"`
	Tag    string `query:"tag" maxLength:"256"`
	Cause  string `query:"cause" enum:"late,early"`
	From   string `query:"from" maxLength:"40" doc:"only readings whose own time is then or later"`
	To     string `query:"to" maxLength:"40" doc:"only readings whose own time is before it"`
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"100"`
}

type replayLateInput struct {
	Window string `path:"window" maxLength:"64"`
	Body   *LateFilter
}

func (s *Server) lateOperations(api huma.API) {
	register(s, api, operation{id: "list-late", at: "GET " + base + "/windows/{window}/late", tag: "stream", role: Viewer,
		summary: "Readings that a window did not take, as they were late or early, those that came last first"}, s.listLate)
	register(s, api, operation{id: "replay-late", at: "POST " + base + "/windows/{window}/late/replay", tag: "stream", role: Operator,
		summary: "Have late readings counted, in the next revision of their windows"}, s.replayLate)
}

func (s *Server) listLate(ctx context.Context, in *listLateInput) (LateList, error) {
	from, to, err := span(in.From, in.To)
	if err != nil {
		return LateList{}, err
	}
	return s.cfg.Intake.Late(ctx, in.Window, LateFilter{Device: in.Device, Tag: in.Tag, Cause: in.Cause, From: from, To: to}, in.Limit)
}

func (s *Server) replayLate(ctx context.Context, in *replayLateInput) (LateReplay, error) {
	var f LateFilter
	if in.Body != nil {
		f = *in.Body
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return LateReplay{}, invalid("body.to", errors.New("it must be after from"))
	}
	done, err := s.cfg.Intake.ReplayLate(ctx, in.Window, f)
	if done.Readings > 0 || err != nil && !isRequest(err) {
		s.note(ctx, "window.replay", in.Window, fmt.Sprintf("%d late readings%s", done.Readings, broken(err)))
	}
	if err != nil {
		return done, fmt.Errorf("replaying late readings of window %s: %w", in.Window, err)
	}
	return done, nil
}
