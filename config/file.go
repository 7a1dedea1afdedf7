package config

// File is the settings of a deployment: what fleetscore.yaml, a .env beside it
// and the environment say, and the defaults for what none of them says.
//
// The tags of its fields are all that there is to say of a setting, once: its
// name (json), default, values (enum, minimum, maximum) and meaning (doc). The
// reader, the checks, the names of variables, the JSON Schema and the table in
// docs/config.md are made from them.
type File struct {
	Store      string            `json:"store" default:"./fleetscore-data" doc:"where all data is: a folder, or a URL: azblob://…, s3://…, gs://…, file://…"`
	Data       string            `json:"data,omitempty" doc:"local folder for what is this machine's alone: the ledger, the token, caches; else the hidden folder .fleetscore in the store if that is a folder, or else in ./fleetscore-data"`
	Database   string            `json:"database,omitempty" doc:"where the ledger is: a PostgreSQL database, as postgres://user@host/database?sslmode=verify-full; else a file in data. A second service on the same database stands by"`
	Partitions int               `json:"partitions" default:"64" minimum:"1" maximum:"4096" doc:"into how many partitions devices are divided; fixed once there is data"`
	Listen     string            `json:"listen" default:"127.0.0.1:8321" doc:"address and port of the API and the dashboard"`
	Hosts      []string          `json:"hosts,omitempty" doc:"names under which the API is asked for, beside those of this machine to itself and those of the certificate"`
	TLS        TLS               `json:"tls" doc:"encryption of the API and of MQTT; needed to listen on another address than loopback"`
	Pool       Pool              `json:"pool" doc:"the nodes"`
	Prices     Prices            `json:"prices" doc:"what nodes and the store cost, to tell what runs do; nothing unless some are given"`
	Retention  Retention         `json:"retention" doc:"how long data is kept; 0 is for ever"`
	Log        Log               `json:"log" doc:"the log of the service itself"`
	Telemetry  Telemetry         `json:"telemetry" doc:"traces of runs, and the metrics, to a collector by OTLP; off unless an address is given, here or by OTEL_EXPORTER_OTLP_ENDPOINT"`
	Windows    map[string]Window `json:"windows,omitempty" doc:"windows over which readings are aggregated, by name; 1m unless some are given"`
	Ingest     Ingest            `json:"ingest" doc:"how readings come in, beside the API"`
	Stream     Stream            `json:"stream" doc:"the durable log between what comes in and the windows"`
	Notify     Notify            `json:"notify" doc:"who is told of what happens"`
	Jobs       map[string]Job    `json:"jobs,omitempty" doc:"jobs, by name: a-z, 0-9, and after the first character - _ ."`

	// Path is the file that was read, and Dir the folder, absolute, that relative
	// paths are relative to.
	Path string `json:"-"`
	Dir  string `json:"-"`
	// Empty says that there was no file, or nothing in it but comments.
	Empty bool `json:"-"`
	// Warnings are settings that have no effect.
	Warnings Problems `json:"-"`

	others []string
}

// TLS is how listeners are encrypted, of the API and of MQTT.
type TLS struct {
	Cert     string `json:"cert,omitempty" doc:"PEM file with the certificate and what leads to its issuer; read anew when it changes"`
	Key      string `json:"key,omitempty" doc:"PEM file with its key"`
	ClientCA string `json:"client_ca,omitempty" doc:"PEM file with issuers of clients' certificates, without which nobody connects then; tokens are needed all the same"`
	Proxy    bool   `json:"proxy" default:"false" doc:"a proxy in front ends TLS, and adds to X-Forwarded-For; then every request needs a token"`
}

// On reports whether the listeners speak TLS.
func (t TLS) On() bool { return t.Cert != "" }

// Pool is how many nodes there are, and what one may take.
type Pool struct {
	Min     int      `json:"min" default:"0" minimum:"0" maximum:"4096" doc:"nodes at least, also without work"`
	Max     int      `json:"max" default:"0" minimum:"0" maximum:"4096" doc:"most nodes; 0: as many as there are cores"`
	Idle    Duration `json:"idle" default:"0s" doc:"how long a node without work, of which there are too many, stays; 0s: the formula keeps what is worth keeping"`
	Memory  Size     `json:"memory" default:"0" doc:"memory of a node, such as 1GiB; 0: a fair share of the machine's"`
	Formula string   `json:"formula,omitempty" doc:"how many nodes there should be, in CEL; see pool.md. None: enough for the work, and none without"`
}

// Prices are what things cost, all in one currency.
type Prices struct {
	NodeHour float64 `json:"node_hour" default:"0" minimum:"0" maximum:"1000000" doc:"a node for an hour"`
	Put      float64 `json:"put" default:"0" minimum:"0" maximum:"1000000" doc:"10,000 objects written"`
	Get      float64 `json:"get" default:"0" minimum:"0" maximum:"1000000" doc:"10,000 reads of an object or a part, or looks at one"`
	List     float64 `json:"list" default:"0" minimum:"0" maximum:"1000000" doc:"10,000 lists of up to 1,000 objects"`
	GBMonth  float64 `json:"gb_month" default:"0" minimum:"0" maximum:"1000000" doc:"10⁹ bytes kept for a month"`
	Egress   float64 `json:"egress" default:"0" minimum:"0" maximum:"1000000" doc:"10⁹ bytes read from the store, where that costs something"`
	Currency string  `json:"currency" default:"EUR" doc:"of all prices, as it is to be shown"`
}

// Retention is how long data of each kind is kept; 0 is for ever.
type Retention struct {
	Predictions Duration `json:"predictions" default:"400d" doc:"predictions, and the commits that name them"`
	Logs        Duration `json:"logs" default:"30d" doc:"logs of tasks"`
	Runs        Duration `json:"runs" default:"90d" doc:"manifests and results of runs, and their rows in the ledger"`
	Windows     Duration `json:"windows" default:"90d" doc:"windows, and readings that were too late for theirs; those of the last two days, and of as long as readings may be late, are always kept"`
	Readings    Duration `json:"readings" default:"7d" doc:"archived readings (stream.archive), counted from the end of the hour in which they were received"`
	Grace       Duration `json:"grace" default:"1h" doc:"how old an object must be before it is deleted because nothing names it"`
}

// Log is how the service itself logs.
type Log struct {
	Level  string `json:"level" default:"info" enum:"debug,info,warn,error" doc:"the least that is logged"`
	Format string `json:"format" default:"text" enum:"text,json" doc:"text for people, json for programs"`
}

// Telemetry is what is sent to a collector.
type Telemetry struct {
	OTLP     string   `json:"otlp,omitempty" doc:"base URL of a collector that speaks OTLP by HTTP, such as http://127.0.0.1:4318. Secrets are not for here: OTEL_EXPORTER_OTLP_HEADERS in the environment has them"`
	Traces   bool     `json:"traces" default:"true" doc:"whether the trace of each run is sent"`
	Metrics  bool     `json:"metrics" default:"true" doc:"whether what /metrics shows is sent too"`
	Interval Duration `json:"interval" default:"30s" doc:"from one sending of metrics to the next; 1s or more"`
}

// Window says how readings are aggregated.
type Window struct {
	Every       Duration `json:"every" doc:"how long a window is"`
	Hop         Duration `json:"hop,omitempty" doc:"from one window's start to the next, a part of every; none: windows follow each other"`
	Tolerance   Duration `json:"tolerance" default:"5s" doc:"how far out of order a device's readings may come"`
	Lateness    Duration `json:"lateness" default:"24h" doc:"how late, by the device's own time, a reading still counts, in a later revision of its window"`
	Idle        Duration `json:"idle" default:"15s" doc:"for how long a device must be silent before its windows come out by the stream's time"`
	Early       Duration `json:"early" default:"5m" doc:"how far ahead of the stream's time a reading may be"`
	Settle      Duration `json:"settle" default:"10s" doc:"how long late readings are gathered before a window comes out again"`
	Keep        string   `json:"keep" default:"last" enum:"last,both" doc:"of readings of one sensor and time with different values, the last counts, or both"`
	Percentiles []string `json:"percentiles,omitempty" doc:"such as [p50, p99, p99.9]; off by at most 0.8 %"`
	Expected    Duration `json:"expected,omitempty" doc:"from one reading of a sensor to the next; then windows say their coverage"`
	Filters     []string `json:"filters,omitempty" doc:"what is done with values first, in this order: drop -999, range -40..150, clamp 0..100; of one tag alone: temperature range -40..150"`
}

// Ingest is how readings come in.
type Ingest struct {
	MQTT  string `json:"mqtt" default:"127.0.0.1:1883" doc:"address and port of the MQTT listener; off: there is none"`
	Topic string `json:"topic" default:"readings/{device}/{tag}" doc:"topics of MQTT, with {device} and {tag}"`
	Rate  int    `json:"rate" default:"0" minimum:"0" maximum:"1000000" doc:"readings a second that a device may send for long, and a minute of them at once; 0: no limit"`
}

// Stream is the durable log.
type Stream struct {
	MaxBytes Size     `json:"max_bytes" default:"16GiB" doc:"most that is kept of what is not in windows yet; then nothing more is taken in"`
	Flush    Duration `json:"flush" default:"1m" doc:"how long windows are held in memory at most before they are stored; a run has them stored at once"`
	Archive  bool     `json:"archive" default:"false" doc:"archive raw readings as Parquet, what one trains on; they are stored after ten times flush at the latest, and the stream keeps them until then"`
}

// Others are the variables, as NAME=value, that the .env file has and the
// environment has not, and that are no settings: credentials of a store, say. They
// are for the process's own environment.
func (f *File) Others() []string { return f.others }
