package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/view/pace"
)

// Meter is how fast readings come in, and how each partition stands.
type Meter interface {
	Pulse() pace.Pulse
	// Paces lists the steps that end after a time, in order.
	Paces(since time.Time) []pace.Pace
	Partitions(ctx context.Context) ([]Partition, error)
}

const paceStep = pace.Step

// PaceList is how fast readings came in.
type PaceList struct {
	Step   float64     `json:"step_seconds"`
	Points []pace.Pace `json:"points" nullable:"false" doc:"since the service was started, and an hour at most"`
}

// PartitionList is the partitions of the stream.
type PartitionList struct {
	Partitions []Partition `json:"partitions" nullable:"false"`
}

// Partition is how a partition of the stream stands.
type Partition struct {
	Partition int               `json:"partition"`
	Last      time.Time         `json:"last,omitzero" doc:"when something was appended last"`
	Windows   []PartitionWindow `json:"windows" nullable:"false"`
}

// PartitionWindow is how the windows of one name stand in a partition.
type PartitionWindow struct {
	Window   string            `json:"window"`
	State    string            `json:"state" enum:"working,waiting,failed"`
	Behind   bool              `json:"behind" doc:"more is in the stream than was read"`
	Lag      float64           `json:"lag_seconds" doc:"by how much what was appended last is newer than what was read last"`
	Delay    float64           `json:"delay_seconds" doc:"how long ago what was read last was appended, where a window is open or more is to be read: the watermark is at least that far behind"`
	Time     time.Time         `json:"time,omitzero" doc:"the stream's, of what was read last"`
	Open     int               `json:"open" doc:"windows that are to come out"`
	Held     int               `json:"held_bytes" doc:"of windows that are not stored yet, about"`
	Readings map[string]uint64 `json:"readings" doc:"where readings ended: counted, late, early, duplicate, conflict, …"`
	Trouble  string            `json:"trouble,omitempty" doc:"what it waits for"`
	Failed   string            `json:"failed,omitempty" doc:"why it has given up"`
}

type pacesInput struct {
	Minutes int `query:"minutes" minimum:"1" maximum:"60" default:"60"`
}

func (s *Server) meterOperations(api huma.API) {
	register(s, api, operation{id: "list-paces", at: "GET " + base + "/stream/history", tag: "stream", role: Viewer, summary: "How fast readings came in during the last hour"},
		func(_ context.Context, in *pacesInput) (PaceList, error) {
			points := s.cfg.Views.Paces(s.cfg.Now().Add(-time.Duration(in.Minutes) * time.Minute))
			return PaceList{Step: pace.Step.Seconds(), Points: append([]pace.Pace{}, points...)}, nil
		})
	register(s, api, operation{id: "list-partitions", at: "GET " + base + "/stream/partitions", tag: "stream", role: Viewer, summary: "How each partition of the stream stands"},
		func(ctx context.Context, _ *struct{}) (PartitionList, error) {
			all, err := s.cfg.Views.Partitions(ctx)
			return PartitionList{Partitions: append([]Partition{}, all...)}, err
		})
}
