package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Runtime says what scores a job's models; none of its fields: native. In a file it
// can also be one word.
type Runtime struct {
	Python  *Python  `json:"python,omitempty" doc:"warm Python processes"`
	Command *Command `json:"command,omitempty" doc:"a program, for each sensor or for each task"`
}

// Fallback says what scores the models that are not read natively; none: nothing.
type Fallback struct {
	Python *Python `json:"python,omitempty" doc:"warm Python processes"`
}

// Python is how models are scored in Python.
type Python struct {
	Script      string   `json:"script,omitempty" doc:"key of a script with load(path), predict(model, X) or both; none: what joblib or pickle loads is asked for decision_function and predict, and .onnx files are ONNX Runtime's"`
	Env         string   `json:"env,omitempty" doc:"key of a lock file, as of pip freeze, uv or pip-compile, whose environment is built once on each machine; none: the interpreter's own"`
	Interpreter string   `json:"interpreter,omitempty" doc:"the Python of the machine, or of the image; else python3"`
	Workers     Workers  `json:"workers" default:"auto" maximum:"4096" doc:"processes of a node that score at a time; auto: as many as the node has cores for itself"`
	Memory      Size     `json:"memory" default:"1GiB" doc:"most memory of a process; 0: no limit"`
	Timeout     Duration `json:"timeout" default:"30s" doc:"longest that a sensor may take; 0: no limit"`
	Network     string   `json:"network" default:"none" enum:"none,host" doc:"whether it has a network"`
	Sandbox     string   `json:"sandbox" default:"auto" enum:"auto,bubblewrap,container,none" doc:"what keeps it from doing harm; auto: a container where an image is given, else bubblewrap. none runs it as it is, with all rights of the service"`
	Image       string   `json:"image,omitempty" doc:"image of a container, from any registry"`
}

// Command is how models are scored by any program.
type Command struct {
	Run     string   `json:"run" doc:"the command line, with {device} {tag} {model} {models} {config} {input} {output} {scratch} {files}; there is no shell"`
	Per     string   `json:"per" default:"sensor" enum:"sensor,shard" doc:"it runs for each sensor, or once for all sensors of a task"`
	Input   string   `json:"input" default:"csv" enum:"csv,parquet,stdin" doc:"how it is given the rows: a file, or CSV on its standard input"`
	Output  string   `json:"output" default:"csv" enum:"csv,parquet,stdout" doc:"how it gives the predictions: a file, or CSV on its standard output"`
	Workers Workers  `json:"workers" default:"auto" maximum:"4096" doc:"how many run at a time on a node; auto: as many as the node has cores for itself"`
	Memory  Size     `json:"memory" default:"1GiB" doc:"most memory of one; 0: no limit"`
	Timeout Duration `json:"timeout" default:"30s" doc:"longest that a sensor may take; 0: no limit"`
	Network string   `json:"network" default:"none" enum:"none,host" doc:"whether it has a network"`
	Sandbox string   `json:"sandbox" default:"auto" enum:"auto,bubblewrap,container,none" doc:"what keeps it from doing harm; as for Python"`
	Image   string   `json:"image,omitempty" doc:"image of a container, from any registry"`
	Files   string   `json:"files,omitempty" doc:"folder of the store, such as scripts/predict/, that it sees as {files}"`
	Mounts  []string `json:"mounts,omitempty" doc:"files and folders of the node that it sees, read-only, under their own paths, such as that of an interpreter"`
}

// Workers is a number of processes; 0 is auto.
type Workers int

// UnmarshalText reads auto or a number.
func (w *Workers) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*w = 0
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf("%.60q is neither auto nor a number from 1 on", text)
	}
	*w = Workers(n)
	return nil
}

// String is the form that UnmarshalText reads.
func (w Workers) String() string {
	if w == 0 {
		return "auto"
	}
	return strconv.Itoa(int(w))
}

// MarshalText writes String.
func (w Workers) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// A worded is settings that can also be written as one word.
type worded interface {
	Words() []string
	setWord(word string)
}

// Words are those that can stand for it.
func (r *Runtime) Words() []string { return []string{"native", "python"} }

func (r *Runtime) setWord(word string) {
	switch {
	case word == "native":
		*r = Runtime{}
	case r.Python == nil:
		*r = Runtime{Python: DefaultPython()}
	}
}

// Words are those that can stand for it.
func (f *Fallback) Words() []string { return []string{"none", "python"} }

func (f *Fallback) setWord(word string) {
	switch {
	case word == "none":
		*f = Fallback{}
	case f.Python == nil:
		f.Python = DefaultPython()
	}
}

// setWorded sets settings to a word, or says which there are.
func setWorded(w worded, word string) error {
	if err := oneOf(word, w.Words()); err != nil {
		return err
	}
	w.setWord(word)
	return nil
}

// MarshalJSON writes a word where that says all, so that what older versions kept
// is what this one writes.
func (r Runtime) MarshalJSON() ([]byte, error) {
	if r == (Runtime{}) {
		return []byte(`"native"`), nil
	}
	type plain Runtime
	return json.Marshal(plain(r))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Runtime) UnmarshalJSON(data []byte) error {
	type plain Runtime
	return unmarshalWorded(data, r, (*plain)(r))
}

// MarshalJSON writes a word where that says all.
func (f Fallback) MarshalJSON() ([]byte, error) {
	if f == (Fallback{}) {
		return []byte(`"none"`), nil
	}
	type plain Fallback
	return json.Marshal(plain(f))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Fallback) UnmarshalJSON(data []byte) error {
	type plain Fallback
	return unmarshalWorded(data, f, (*plain)(f))
}

func unmarshalWorded(data []byte, w worded, plain any) error {
	var word string
	if json.Unmarshal(data, &word) == nil {
		return setWorded(w, word)
	}
	return json.Unmarshal(data, plain)
}

// CheckRuntime says what is wrong with what scores models.
func CheckRuntime(r Runtime, f Fallback, add func(string, error)) {
	python, command := r.Python, r.Command
	switch {
	case python != nil && command != nil:
		add("runtime", errors.New("is python or command, not both"))
	case f.Python != nil && python != nil:
		add("fallback", errors.New("is for what is not read natively; with runtime: python all is scored in Python"))
	case f.Python != nil && command != nil:
		add("fallback", errors.New("is for what is not read natively; with a command nothing is"))
	}
	python.check("runtime.python", add)
	f.Python.check("fallback.python", add)
	if command != nil {
		checkTags(reflect.ValueOf(command).Elem(), "runtime.command", add)
		if strings.TrimSpace(command.Run) == "" {
			add("runtime.command.run", errors.New("is needed: the command line, such as python /predict.py {device} {tag} {config}"))
		}
		checkImage("runtime.command", command.Sandbox, command.Image, add)
	}
}

func (p *Python) check(path string, add func(string, error)) {
	if p == nil {
		return
	}
	checkTags(reflect.ValueOf(p).Elem(), path, add)
	checkImage(path, p.Sandbox, p.Image, add)
	if p.Env != "" && p.Image != "" {
		add(path+".env", errors.New("is for the machine's own Python; an image has its packages in it"))
	}
}

func checkImage(path, sandbox, image string, add func(string, error)) {
	switch {
	case sandbox == "container" && image == "":
		add(path+".image", errors.New("is needed where sandbox is container"))
	case image != "" && sandbox != "container" && sandbox != "auto":
		add(path+".image", fmt.Errorf("is for a container, and sandbox is %s", sandbox))
	}
}
