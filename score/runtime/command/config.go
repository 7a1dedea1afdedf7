package command

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/fleetscore/fleetscore/score/runtime"
)

// config is what a program reads from {config}. Paths are as the program sees them.
type config struct {
	// Device, Tag, Model and ModelDigest are of the one sensor of the process.
	Device      string `json:"device,omitempty"`
	Tag         string `json:"tag,omitempty"`
	Model       string `json:"model,omitempty"`
	ModelDigest string `json:"model_sha256,omitempty"`
	// Sensors are all sensors of the process, in the order of the input.
	Sensors []sensorConfig `json:"sensors"`
	// Features name the columns of values, in their order.
	Features []string `json:"features"`
	// Input and Output are paths; empty: standard input and output.
	Input   string `json:"input,omitempty"`
	Output  string `json:"output,omitempty"`
	Models  string `json:"models"`
	Scratch string `json:"scratch"`
	Files   string `json:"files,omitempty"`

	// The names of 2018, for a predict.py of those days: its containers are folders here.
	BlobAccount          string `json:"blob_account"`
	BlobKey              string `json:"blob_key"`
	ModelsContainer      string `json:"models_blob_container"`
	DataContainer        string `json:"data_blob_container"`
	DataBlob             string `json:"data_blob"`
	PredictionsContainer string `json:"predictions_blob_container"`
}

type sensorConfig struct {
	Device string `json:"device"`
	Tag    string `json:"tag,omitempty"`
	Rows   int    `json:"rows"`
	Model  string `json:"model,omitempty"`
	Digest string `json:"model_sha256,omitempty"`
}

// describe writes config.json, and gives what the template is filled with.
func (w *workspace) describe(requests []runtime.Request) (map[string]string, error) {
	c := config{
		Features: features(&requests[0]), Models: w.seen(modelsFolder), Scratch: w.seen("."),
		ModelsContainer: w.seen(modelsFolder), DataContainer: w.seen("."), DataBlob: w.input, PredictionsContainer: w.seen(ownFolder),
	}
	if w.input != "" {
		c.Input = w.seen(w.input)
	}
	if w.output != "" {
		c.Output = w.seen(w.output)
	}
	if w.files != "" {
		c.Files = w.sandbox.Path(&w.spec, w.files)
	}
	for i := range requests {
		q := &requests[i]
		s := sensorConfig{Device: q.Sensor.Device, Tag: q.Sensor.Tag, Rows: q.Rows(), Digest: q.Digest}
		if q.Key != "" {
			s.Model = w.seen(w.models[q.Key])
		}
		c.Sensors = append(c.Sensors, s)
	}
	if len(requests) == 1 {
		s := c.Sensors[0]
		c.Device, c.Tag, c.Model, c.ModelDigest = s.Device, s.Tag, s.Model, s.Digest
	}
	body, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", configFile, err)
	}
	values := map[string]string{
		"device": c.Device, "tag": c.Tag, "model": c.Model, "models": c.Models, "config": w.seen(configFile),
		"input": cmp.Or(c.Input, "/dev/stdin"), "output": cmp.Or(c.Output, "/dev/stdout"), "scratch": c.Scratch, "files": c.Files,
	}
	return values, w.write(configFile, body)
}
