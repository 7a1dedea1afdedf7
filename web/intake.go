package web

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
)

// Intake is what comes in, and the windows that are made of it.
type Intake interface {
	Inlet
	Windows
}

// Inlet is how readings come in.
type Inlet interface {
	// Readings takes in readings that are posted, of devices that may send them; nil:
	// of all.
	Readings(may func(device string) bool) http.Handler
	// Stream tells how it goes.
	Stream(ctx context.Context) (StreamStatus, error)
}

// Windows are made of readings. All of it is ErrNotFound if there is no window of that
// name.
type Windows interface {
	// Windows lists the windows of a sensor that start in an interval, those that are
	// open too.
	Windows(ctx context.Context, window string, s fleet.Sensor, i fleet.Interval) (WindowList, error)
	// Late lists readings that the window did not take, those that came last first.
	Late(ctx context.Context, window string, f LateFilter, limit int) (LateList, error)
	// ReplayLate has them counted. With an error comes what was replayed before it.
	ReplayLate(ctx context.Context, window string, f LateFilter) (LateReplay, error)
}

// StreamStatus is how readings come in and become windows.
type StreamStatus struct {
	Accepted uint64         `json:"accepted" doc:"readings that are durable, since the service was started"`
	Failed   uint64         `json:"failed" doc:"readings that could not be stored, whose senders were told so"`
	Waiting  int            `json:"waiting" doc:"readings that wait to be stored"`
	Commits  uint64         `json:"commits" doc:"how many times readings were stored together"`
	Bytes    uint64         `json:"bytes" doc:"of the stream that they took"`
	MQTT     string         `json:"mqtt,omitempty" doc:"where MQTT is listened for"`
	Rejected []Rejection    `json:"rejected" nullable:"false" doc:"what was not taken, by cause"`
	Windows  []WindowStatus `json:"windows" nullable:"false"`
	Archive  *ArchiveStatus `json:"archive,omitempty" doc:"of raw readings, if they are archived"`
}

// Rejection is readings that were not taken.
type Rejection struct {
	Source  string   `json:"source" doc:"http or mqtt"`
	Cause   string   `json:"cause"`
	Count   uint64   `json:"count"`
	Samples []string `json:"samples" nullable:"false"`
}

// WindowStatus is how the windows of one name stand.
type WindowStatus struct {
	Window     string            `json:"window"`
	Readings   map[string]uint64 `json:"readings" doc:"where readings ended: counted, late, early, duplicate, conflict, …"`
	Emitted    uint64            `json:"emitted" doc:"windows, each for the first time"`
	Revisions  uint64            `json:"revisions" doc:"windows that came out again"`
	Behind     int               `json:"behind" doc:"partitions of which more is in the stream than was read"`
	Lag        float64           `json:"lag_seconds" doc:"of the one that is furthest behind: by how much what is in the stream is newer than what was read"`
	Held       int               `json:"held_bytes" doc:"of windows that are not in the store yet"`
	Time       time.Time         `json:"time,omitzero" doc:"the stream's: of the last reading or tick"`
	Partitions []PartitionStatus `json:"partitions" nullable:"false" doc:"those that something is to be said of"`
}

// ArchiveStatus is how raw readings are archived.
type ArchiveStatus struct {
	Readings   uint64            `json:"readings" doc:"archived, since the service was started"`
	Files      uint64            `json:"files" doc:"that they are in"`
	Bytes      uint64            `json:"bytes" doc:"of these"`
	Held       int               `json:"held_bytes" doc:"of memory, held for the next files"`
	Oldest     time.Time         `json:"oldest,omitzero" doc:"when the oldest reading was received that is held"`
	Behind     int               `json:"behind" doc:"partitions of which more is in the stream than was read"`
	Lag        float64           `json:"lag_seconds" doc:"of the one that is furthest behind: by how much what is in the stream is newer than what was read"`
	Partitions []PartitionStatus `json:"partitions" nullable:"false" doc:"those that something is to be said of"`
}

// PartitionStatus is what keeps a partition.
type PartitionStatus struct {
	Partition int    `json:"partition"`
	Trouble   string `json:"trouble,omitempty" doc:"what it waits for"`
	Failed    string `json:"failed,omitempty" doc:"why it has given up"`
}

// WindowList is windows of a sensor, in the order of time.
type WindowList struct {
	Window  string         `json:"window"`
	Sensor  fleet.Sensor   `json:"sensor"`
	From    time.Time      `json:"from"`
	To      time.Time      `json:"to"`
	Windows []SensorWindow `json:"windows" nullable:"false"`
}

// SensorWindow is an aggregate of a sensor's readings.
type SensorWindow struct {
	Start       time.Time        `json:"start"`
	End         time.Time        `json:"end"`
	Rev         int32            `json:"rev"`
	Open        bool             `json:"open,omitempty" doc:"more readings are awaited"`
	Count       int64            `json:"count"`
	Sum         Float            `json:"sum"`
	Mean        Float            `json:"mean"`
	Min         Float            `json:"min"`
	Max         Float            `json:"max"`
	First       Float            `json:"first"`
	Last        Float            `json:"last"`
	Stddev      Float            `json:"stddev"`
	Coverage    Float            `json:"coverage"`
	Percentiles map[string]Float `json:"percentiles,omitempty"`
}

type listWindowsInput struct {
	Window string `path:"window" maxLength:"64"`
	Device string `query:"device" required:"true" maxLength:"256"`
	Tag    string `query:"tag" required:"true" maxLength:"256"`
	From   string `query:"from" maxLength:"40" doc:"without it: an hour before to"`
	To     string `query:"to" maxLength:"40" doc:"without it: now"`
}

func (s *Server) intakeOperations(api huma.API) {
	register(s, api, operation{id: "get-stream", at: "GET " + base + "/stream", tag: "stream", role: Viewer, summary: "How readings come in and become windows"},
		func(ctx context.Context, _ *struct{}) (StreamStatus, error) { return s.cfg.Intake.Stream(ctx) })
	s.lateOperations(api)
	register(s, api, operation{id: "list-windows", at: "GET " + base + "/windows/{window}", tag: "stream", role: Viewer, summary: "The windows of a sensor, those that are open too"}, s.listWindows)
}

// mostWindows is how long a stretch of time is told at once.
const mostWindows = 31 * 24 * time.Hour

func (s *Server) listWindows(ctx context.Context, in *listWindowsInput) (WindowList, error) {
	from, to, err := span(in.From, in.To)
	if err != nil {
		return WindowList{}, err
	}
	if to.IsZero() {
		to = s.cfg.Now().UTC().Add(time.Hour) // clocks of devices may be ahead
		if from.IsZero() {
			from = to.Add(-2 * time.Hour)
		}
	}
	if from.IsZero() {
		from = to.Add(-time.Hour)
	}
	if !from.Before(to) || to.Sub(from) > mostWindows {
		return WindowList{}, fmt.Errorf("%w: from %s to %s is not a stretch of at most %d days", ErrInvalid, from.Format(time.RFC3339), to.Format(time.RFC3339), mostWindows/(24*time.Hour))
	}
	return s.cfg.Intake.Windows(ctx, in.Window, fleet.Sensor{Device: in.Device, Tag: in.Tag}, fleet.NewInterval(from, to))
}

// readingsPath is where readings are posted.
const readingsPath = base + "/readings"

// Taken is what became of readings that were posted.
type Taken struct {
	Accepted int       `json:"accepted" doc:"readings that are durable"`
	Rejected int       `json:"rejected,omitempty"`
	Errors   []NotRead `json:"errors,omitempty" doc:"the first of those that were not taken"`
}

// NotRead is a reading that was not taken.
type NotRead struct {
	Line   int    `json:"line,omitempty" doc:"from 1; of an array, which reading"`
	Cause  string `json:"cause"`
	Detail string `json:"detail"`
}

// readingsOperation describes the one operation that is not registered: its bodies
// are larger than others', come in several forms, and are read as they come.
func (s *Server) readingsOperation(mux *http.ServeMux, api huma.API) {
	o := operation{
		id: "post-readings", at: "POST " + readingsPath, tag: "stream", role: Device, summary: "Take readings in",
		about: "One reading as a JSON object {device, tag, ts, value, seq}, several as an array, NDJSON or CSV, compressed by gzip or not. " +
			"What is accepted is durable. Of a reading without ts, the time is when it came. 429 and Retry-After: send it again later.",
	}
	op := o.huma(s, api.OpenAPI().Components.Schemas)
	text := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{}}, "application/x-ndjson": text, "text/csv": text,
	}}
	answer := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Taken](), true, "")
	op.Responses["200"] = &huma.Response{Description: "What was accepted is durable", Content: map[string]*huma.MediaType{"application/json": {Schema: answer}}}
	api.OpenAPI().AddOperation(&op)
	mux.HandleFunc("POST "+readingsPath, func(w http.ResponseWriter, r *http.Request) {
		who, p := s.door.admit(r, Device)
		if p != nil {
			p.ask(w, `Bearer realm="fleetscore"`)
			return
		}
		var may func(string) bool
		if who.Role == Device {
			may = who.May
		}
		s.cfg.Intake.Readings(may).ServeHTTP(w, r)
	})
}
