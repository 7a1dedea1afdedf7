package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
)

// runtimeFlags are the flags that say what scores, beside native.
type runtimeFlags struct {
	runtime, fallback string
	python            config.Python
	command           config.Command
	timeout, memory   string
	cmd               *cobra.Command
}

// addRuntimeFlags adds them to a command.
func addRuntimeFlags(cmd *cobra.Command) *runtimeFlags {
	r := &runtimeFlags{cmd: cmd, python: *config.DefaultPython(), command: *config.DefaultCommand()}
	f := cmd.Flags()
	f.StringVar(&r.runtime, "runtime", "", "what scores: native (the default), python or command")
	f.StringVar(&r.fallback, "fallback", "none", "what scores the models that native does not: python")
	f.StringVar(&r.python.Script, "script", "", "file of a script with load(path), predict(model, X) or both; needs Python")
	f.StringVar(&r.python.Env, "env", "", "lock file whose packages Python is given")
	f.StringVar(&r.python.Interpreter, "python", "", "the interpreter (default python3)")
	f.StringVar(&r.command.Run, "command", "", "command line that scores, with {device} {tag} {model} {input} {output} {config} …")
	f.StringVar(&r.command.Per, "per", r.command.Per, "the command runs for each sensor, or once for all (shard)")
	f.StringVar(&r.command.Input, "command-input", r.command.Input, "how the command is given the rows: csv, parquet or stdin")
	f.StringVar(&r.command.Output, "command-output", r.command.Output, "how it gives the predictions: csv, parquet or stdout")
	f.StringArrayVar(&r.command.Mounts, "mount", nil, "file or folder that the command sees, read-only; repeatable")
	f.StringVar(&r.python.Sandbox, "sandbox", r.python.Sandbox, "what keeps foreign programs from doing harm: auto, bubblewrap, container, none")
	f.StringVar(&r.python.Image, "image", "", "image of the container")
	f.StringVar(&r.python.Network, "network", r.python.Network, "whether they have a network: none, host")
	f.StringVar(&r.memory, "memory", r.python.Memory.String(), "most memory of a process; 0: no limit")
	f.StringVar(&r.timeout, "timeout", r.python.Timeout.String(), "longest that a sensor may take there; 0: no limit")
	completeValues(cmd, "runtime", []string{"native", "python", "command"})
	completeValues(cmd, "fallback", []string{"none", "python"})
	completeValues(cmd, "sandbox", []string{"auto", "bubblewrap", "container", "none"})
	completeValues(cmd, "network", []string{"none", "host"})
	return r
}

// settings are what the flags say.
func (r *runtimeFlags) settings() (config.Runtime, config.Fallback, error) {
	var runtime config.Runtime
	var fallback config.Fallback
	problems := r.parse()
	used := func(names ...string) (given []string) {
		for _, name := range names {
			if r.cmd.Flags().Changed(name) {
				given = append(given, "--"+name)
			}
		}
		return given
	}
	kind := r.runtime
	if kind == "" {
		kind = r.guess()
	}
	switch kind {
	case "native":
	case "python":
		runtime.Python = &r.python
	case "command":
		runtime.Command = &r.command
	default:
		problems.Add("--runtime", fmt.Errorf("%.60q is not one of native, python, command", kind))
	}
	switch r.fallback {
	case "none":
	case "python":
		fallback.Python = &r.python
	default:
		problems.Add("--fallback", fmt.Errorf("%.60q is not one of none, python", r.fallback))
	}
	if given := used("command", "per", "command-input", "command-output", "mount"); len(given) > 0 && runtime.Command == nil {
		problems.Add(given[0], errors.New("is for --runtime command"))
	}
	if given := used("script", "env", "python"); len(given) > 0 && runtime.Python == nil && fallback.Python == nil {
		problems.Add(given[0], errors.New("is for --runtime python, or --fallback python"))
	}
	config.CheckRuntime(runtime, fallback, func(setting string, err error) { problems.Add(flagOf(setting), err) })
	return runtime, fallback, problems.Err()
}

// flagOf is the flag of a setting.
func flagOf(setting string) string {
	switch name := setting[strings.LastIndexByte(setting, '.')+1:]; name {
	case "run":
		return "--command"
	case "input", "output":
		return "--command-" + name
	default:
		return "--" + name
	}
}

// guess is what is meant where only a script or a command is named.
func (r *runtimeFlags) guess() string {
	switch {
	case r.command.Run != "":
		return "command"
	case r.fallback != "python" && (r.python.Script != "" || r.python.Env != ""):
		return "python"
	}
	return "native"
}

func (r *runtimeFlags) parse() config.Problems {
	var problems config.Problems
	problems.Add("--memory", r.python.Memory.UnmarshalText([]byte(r.memory)))
	problems.Add("--timeout", r.python.Timeout.UnmarshalText([]byte(r.timeout)))
	c, p := &r.command, &r.python
	c.Sandbox, c.Image, c.Network, c.Memory, c.Timeout = p.Sandbox, p.Image, p.Network, p.Memory, p.Timeout
	return problems
}

// printedTo shows what foreign programs print, under the name of the sensor.
func printedTo(w io.Writer) func(fleet.Sensor, string) {
	var mu sync.Mutex
	return func(s fleet.Sensor, text string) {
		mu.Lock()
		defer mu.Unlock()
		for line := range strings.Lines(text) {
			fmt.Fprintf(w, "%s: %s\n", visible(s.String()), visible(strings.TrimRight(line, "\r\n")))
		}
	}
}
