package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/ledger"
)

// Mute keeps receivers from being told of some sensors.
type Mute struct {
	ID          string    `json:"id"`
	Sensors     string    `json:"sensors" doc:"pattern of device/tag, with * for any text and ? for a character"`
	Job         string    `json:"job,omitempty" doc:"of this job alone"`
	Acknowledge bool      `json:"acknowledge" doc:"it ends too when a run finds one of its sensors well, and none of them not"`
	Until       time.Time `json:"until"`
	Reason      string    `json:"reason"`
	Who         string    `json:"who" doc:"the name of the token"`
	Created     time.Time `json:"created"`
}

// MuteList is the mutes in force, those that were made last first.
type MuteList struct {
	Mutes []Mute `json:"mutes" nullable:"false"`
}

// MuteRequest says which sensors nobody is to be told of, and for how long.
type MuteRequest struct {
	Sensors     string    `json:"sensors" minLength:"1" maxLength:"1024" doc:"pattern of device/tag, such as pump-7/*"`
	Job         string    `json:"job,omitempty" maxLength:"63" doc:"of this job alone; without it: of all"`
	Acknowledge bool      `json:"acknowledge,omitempty" doc:"until the sensors are well again"`
	Until       time.Time `json:"until,omitzero" doc:"needed, but to acknowledge: then it is 30 days from now"`
	Reason      string    `json:"reason,omitempty" maxLength:"1000"`
}

type muteParam struct {
	Mute string `path:"mute" maxLength:"63" pattern:"^[a-z0-9]+$" doc:"ID of a mute"`
}

type addMuteInput struct{ Body MuteRequest }

// How long a mute may last, and an acknowledgement if nothing is said.
const (
	longestMute = 5 * 365 * 24 * time.Hour
	ackLasts    = 30 * 24 * time.Hour
)

func (s *Server) muteOperations(api huma.API) {
	register(s, api, operation{id: "list-mutes", at: "GET " + base + "/mutes", tag: "notify", role: Viewer, summary: "Sensors that nobody is told of"},
		func(ctx context.Context, _ *struct{}) (MuteList, error) { return s.listMutes(ctx) })
	register(s, api, operation{id: "add-mute", at: "POST " + base + "/mutes", tag: "notify", role: Operator, status: 201, summary: "Mute or acknowledge sensors"}, s.addMute)
	register(s, api, operation{id: "remove-mute", at: "DELETE " + base + "/mutes/{mute}", tag: "notify", role: Operator, summary: "End a mute or an acknowledgement"}, s.removeMute)
}

func viewMute(m *ledger.Mute) Mute {
	return Mute{ID: m.ID, Sensors: m.Pattern, Job: m.Job, Acknowledge: m.Recovered, Until: m.Ends, Reason: m.Reason, Who: m.Who, Created: m.Created}
}

func (s *Server) listMutes(ctx context.Context) (MuteList, error) {
	all, err := s.cfg.Ledger.Mutes(ctx, s.cfg.Now())
	if err != nil {
		return MuteList{}, fmt.Errorf("listing mutes: %w", err)
	}
	list := MuteList{Mutes: make([]Mute, 0, len(all))}
	for i := range all {
		list.Mutes = append(list.Mutes, viewMute(&all[i]))
	}
	return list, nil
}

func (s *Server) addMute(ctx context.Context, in *addMuteInput) (Mute, error) {
	b, now := in.Body, s.cfg.Now().UTC()
	if strings.ContainsFunc(b.Sensors+b.Reason, unicode.IsControl) {
		return Mute{}, invalid("body.sensors", errors.New("neither it nor the reason can have a control character"))
	}
	if b.Job != "" {
		if _, err := s.job(ctx, b.Job); err != nil {
			return Mute{}, err
		}
	}
	if b.Until.IsZero() && b.Acknowledge {
		b.Until = now.Add(ackLasts)
	}
	if !b.Until.After(now) || b.Until.Sub(now) > longestMute {
		return Mute{}, invalid("body.until", errors.New("it must be in the future, and within five years"))
	}
	m := ledger.Mute{
		ID: strings.ToLower(rand.Text()[:8]), Pattern: b.Sensors, Job: b.Job, Recovered: b.Acknowledge,
		Ends: b.Until.UTC(), Reason: b.Reason, Who: callerOf(ctx).Name, Created: now,
	}
	if err := s.cfg.Ledger.AddMute(ctx, m); err != nil {
		return Mute{}, err
	}
	action := "mute.add"
	if m.Recovered {
		action = "ack.add"
	}
	s.note(ctx, action, m.Pattern, fmt.Sprintf("%s, job %q, until %s: %s", m.ID, m.Job, m.Ends.Format(time.RFC3339), m.Reason))
	return viewMute(&m), nil
}

func (s *Server) removeMute(ctx context.Context, in *muteParam) (Mute, error) {
	m, err := s.cfg.Ledger.RemoveMute(ctx, in.Mute)
	if errors.Is(err, ledger.ErrNotFound) {
		return Mute{}, missing("there is no mute "+in.Mute, "fleetscore mute list shows what there is")
	}
	if err != nil {
		return Mute{}, err
	}
	s.note(ctx, "mute.remove", m.Pattern, m.ID)
	return viewMute(&m), nil
}
