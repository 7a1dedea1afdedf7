package app

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/monitor"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/schedule"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/web"
)

// LoadSettings reads the settings of a deployment, and has them checked by all
// who know what they mean.
func LoadSettings(path string) (*config.File, error) { return LoadSettingsWith(path, os.Environ()) }

// LoadSettingsWith is LoadSettings with another environment than that of the process.
func LoadSettingsWith(path string, environ []string) (*config.File, error) {
	return config.Load(path, environ, config.Checks{File: checkFile, Job: checkJob})
}

func checkFile(f *config.File, add func(string, error)) {
	_, err := parseLocation(f.Store)
	add("store", err)
	if f.Database != "" {
		add("database", ledger.CheckURL(f.Database))
	}
	for name, w := range f.Windows {
		_, err := windowConfig(w)
		add("windows."+name, err)
	}
	checkNotify(&f.Notify, add)
	add("pool.formula", checkPool(f.Pool.Formula))
	if f.Telemetry.OTLP != "" {
		add("telemetry.otlp", monitor.CheckEndpoint(f.Telemetry.OTLP))
	}
	if f.TLS.On() || f.TLS.Proxy {
		return
	}
	const protect = "give tls.cert and tls.key, or tls.proxy where a proxy in front ends TLS (everyone needs a token then, which fleetscore token makes)"
	if f.Ingest.MQTT != "off" && !web.Loopback(f.Ingest.MQTT) {
		add("ingest.mqtt", fmt.Errorf("%s can be reached from other machines, which needs TLS: %s; or listen on 127.0.0.1, or turn it off", f.Ingest.MQTT, protect))
	}
	if !web.Loopback(f.Listen) {
		add("listen", fmt.Errorf("%s can be reached from other machines, which needs TLS: %s; or listen on 127.0.0.1", f.Listen, protect))
	}
}

func checkJob(_ string, j config.Job, add func(string, error)) {
	if j.Schedule != "" {
		spec := scheduleOf(j)
		spec.Zone = "" // which config has checked
		_, err := schedule.Parse(spec)
		add("schedule", err)
	}
	_, err := readings.ParseFeatures(featuresOf(j), j.Input.Entity == "device")
	add("input.features", err)
	_, err = readings.ParseColumns(string(j.Input.Columns))
	add("input.columns", err)
	if j.Input.Files != "" {
		add("input.files", run.CheckFiles(j.Input.Files))
	}
	if j.Input.File != "" {
		add("input.file", store.CheckKey(j.Input.File))
	}
	checkRuntime(j, add)
	template, err := store.ParseKeyTemplate(j.ModelKey())
	if err == nil && j.Input.Entity == "device" && template.Tag() {
		err = errors.New("it has a {tag}, which a device has none of; name the model by the {device} alone")
	}
	add("models", err)
}

func scheduleOf(j config.Job) schedule.Spec {
	return schedule.Spec{
		Schedule: j.Schedule, Zone: j.Zone, Interval: j.Interval.Std(), Delay: j.Delay.Std(), CatchUp: j.CatchUp,
	}
}

// featuresOf are a job's features; of windows, the mean unless others are named.
func featuresOf(j config.Job) string {
	if j.Input.Window != "" && len(j.Input.Features) == 0 {
		return "mean"
	}
	return strings.Join(j.Input.Features, ",")
}

// columnsOf are the columns of a job's input; of windows, time is when they start.
func columnsOf(j config.Job) string {
	if j.Input.Window != "" && len(j.Input.Columns) == 0 {
		return "time=start"
	}
	return string(j.Input.Columns)
}

// runJob is what runs must know of a job.
func runJob(name string, j config.Job) (run.Job, error) {
	tolerance, err := fleet.ParseTolerance(j.MaxFailed)
	if err != nil {
		return run.Job{}, fmt.Errorf("job %s: max_failed: %w", name, err)
	}
	return run.Job{
		Name:  name,
		Input: run.Input{Window: j.Input.Window, Wait: j.Input.Wait.Std(), Files: j.Input.Files, File: j.Input.File},
		Recipe: fleet.Recipe{
			Entity: j.Input.Entity, Features: featuresOf(j), Columns: columnsOf(j), Models: j.ModelKey(), Clip: j.Input.Clips(), Latest: j.Input.Window != "",
			Format: j.Output.Format, Layout: j.Output.Layout, Threshold: j.Anomaly.ScoreBelow, MissingModel: j.MissingModel,
			Runtime:  runtimeOf(j.Runtime, j.Fallback),
			FlatLogs: j.Logs.Layout == "flat", Timeout: j.Timeout.Std().Seconds(),
		},
		MaxFailed: tolerance,
		Retries:   run.Retries{Max: j.Retries.Max, Backoff: j.Retries.Backoff.Std(), Most: j.Retries.MaxBackoff.Std()},
		Overlap:   j.Overlap, Priority: j.Priority,
		MaxSensors: j.Tasks.MaxSensors, TaskSeconds: j.Tasks.Seconds.Std().Seconds(),
	}, nil
}
