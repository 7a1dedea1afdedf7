package fleet

// Runtime says what scores the models of a job, as its tasks see it. The zero
// Runtime, and none, is native: nothing foreign runs.
type Runtime struct {
	// Python and Command say what runs; at most one is set.
	Python  *PythonRuntime  `json:"python,omitempty"`
	Command *CommandRuntime `json:"command,omitempty"`
	// Fallback leaves to it only what is not read natively.
	Fallback bool `json:"fallback,omitempty"`
}

// Confinement is how a foreign program is kept from harming others.
type Confinement struct {
	// Sandbox is "auto" (a container where there is an image, and else bubblewrap),
	// "bubblewrap", "container" or "none".
	Sandbox string `json:"sandbox"`
	// Image is of a container: with a digest, once a run is planned.
	Image string `json:"image,omitempty"`
	// Memory, in bytes, is of all processes of one sandbox; 0: no limit.
	Memory int64 `json:"memory,omitempty"`
	// Timeout, in seconds, is the longest that one sensor may take; 0: no limit.
	Timeout float64 `json:"timeout_seconds,omitempty"`
	// Network is "none" or "host".
	Network string `json:"network"`
	// Workers is how many processes score at a time; 0: as many as there are cores.
	Workers int `json:"workers,omitempty"`
}

// PythonRuntime scores in warm Python processes.
type PythonRuntime struct {
	Confinement
	// Script is the key of a script in the store, pinned by SHA-256; empty: what
	// joblib or pickle loads is asked for decision_function and predict.
	Script       string `json:"script,omitempty"`
	ScriptDigest string `json:"script_sha256,omitempty"`
	// Lock is the key of a lock file whose environment is built, once, and pinned
	// by SHA-256; empty: Interpreter.
	Lock       string `json:"lock,omitempty"`
	LockDigest string `json:"lock_sha256,omitempty"`
	// Interpreter is a path of the node, or of the image; empty: python3.
	Interpreter string `json:"interpreter,omitempty"`
}

// CommandRuntime runs a program, for each sensor or for each shard.
type CommandRuntime struct {
	Confinement
	// Run is the template of the command line: see score/runtime/command.
	Run string `json:"run"`
	// Per is "sensor" or "shard".
	Per string `json:"per"`
	// Input and Output are "csv" or "parquet" (files), or "stdin" and "stdout" (CSV).
	Input  string `json:"input"`
	Output string `json:"output"`
	// Files is a folder of the store, such as "scripts/predict/", that the program sees,
	// read-only; pinned by a SHA-256 of its names and contents once a run is planned.
	Files       string `json:"files,omitempty"`
	FilesDigest string `json:"files_sha256,omitempty"`
	// Mounts are files and folders of the node that it sees under their own paths, read-only.
	Mounts []string `json:"mounts,omitempty"`
}

// Name is what the runtime is called in reports.
func (r *Runtime) Name() string {
	switch {
	case r != nil && r.Python != nil:
		return "python"
	case r != nil && r.Command != nil:
		return "command"
	}
	return "native"
}

// Whole reports whether it is given all sensors of a task at once.
func (r *Runtime) Whole() bool { return r != nil && r.Command != nil && r.Command.Per == "shard" }
