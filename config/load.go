package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultName is the file that is read if none is named and it is there.
const DefaultName = "fleetscore.yaml"

// Load reads the settings of a deployment: the defaults, over them the file at
// path, over that a .env file in the same folder, over that the environment, as
// os.Environ has it. If path is empty it is FLEETSCORE_CONFIG, or else
// fleetscore.yaml if that is there. What cannot be used is all in one error,
// Problems.
func Load(path string, environ []string, checks Checks) (*File, error) {
	f, problems, err := read(path, environ, checks)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// LoadReach reads of a deployment's settings no more than where its service and
// its token are: Listen, Store and Data. Mistakes elsewhere do not matter to who
// only wants to ask it something, perhaps about them.
func LoadReach(path string, environ []string) (*File, error) {
	f, problems, err := read(path, environ, Checks{})
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(problems, Problem.obscures) {
		return nil, problems
	}
	return f, nil
}

// obscures reports whether a problem leaves it open where the service is: one with
// these settings, with an unknown one, which may be a slip for them, or with the
// file as a whole.
func (p Problem) obscures() bool {
	group := p.Setting
	if end := strings.IndexAny(group, ".["); end >= 0 {
		group = group[:end]
	}
	return !slices.Contains([]string{"partitions", "hosts", "pool", "prices", "retention", "log", "telemetry", "windows", "notify", "jobs"}, group)
}

// read reads all settings that can be read, and lists what cannot be used.
func read(path string, environ []string, checks Checks) (*File, Problems, error) {
	environment := parseEnviron(environ)
	for _, a := range environment {
		if a.name == "FLEETSCORE_CONFIG" && path == "" {
			path = a.value
		}
	}
	data, path, err := readConfig(path)
	if err != nil {
		return nil, nil, err
	}
	f := Default()
	if f.Path = path; path == "" {
		path = DefaultName
	}
	if f.Dir, err = filepath.Abs(filepath.Dir(path)); err != nil {
		return nil, nil, fmt.Errorf("finding the folder of %s: %w", path, err)
	}
	d := &decoder{places: map[string]place{}}
	d.yaml(f, data, path)
	dotenv := filepath.Join(filepath.Dir(path), ".env")
	fromFile, err := d.dotenv(dotenv)
	if err != nil {
		return nil, nil, fmt.Errorf("reading variables: %w", err)
	}
	d.variables(f, fromFile, dotenv)
	d.variables(f, environment, "")
	f.others = others(fromFile, environment)
	f.finish()
	d.check(f, checks)
	d.hint()
	d.warn(f)
	f.resolve()
	return f, d.problems.sorted(), nil
}

// hint adds to problems that a slip in the name of a variable may explain.
func (d *decoder) hint() {
	for _, h := range d.hints {
		for i, p := range d.problems {
			if p.Setting == h.path || strings.HasPrefix(p.Setting, h.path+".") {
				d.problems[i].Message += fmt.Sprintf("; or did you mean %s, not %s?", h.near, h.path[strings.IndexByte(h.path, '.')+1:])
			}
		}
	}
}

// yaml reads the file into f.
func (d *decoder) yaml(f *File, data []byte, name string) {
	if len(data) > maxFile {
		d.add(place{file: name}, "", "is longer than %d MiB", maxFile>>20)
		return
	}
	documents := yaml.NewDecoder(strings.NewReader(string(data)))
	var first, second yaml.Node
	if err := documents.Decode(&first); errors.Is(err, io.EOF) {
		f.Empty = true // nothing but comments
		return
	} else if err != nil {
		d.syntax(err, name, data)
		return
	}
	root := place{file: name, line: max(1, first.Line)}
	d.value(first.Content[0], reflect.ValueOf(f).Elem(), "", "", root)
	delete(d.places, "")
	if d.nodes > maxNodes {
		d.add(root, "", "its aliases stand for more than %d values", maxNodes)
	}
	if err := documents.Decode(&second); err == nil {
		d.add(place{file: name, line: second.Line}, "", "a second document begins here; write all settings in one")
	} else if !errors.Is(err, io.EOF) {
		d.syntax(err, name, data)
	}
}

// dotenv reads the file of variables, if it is there. A folder of that name is
// somebody else's.
func (d *decoder) dotenv(name string) ([]assignment, error) {
	if info, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return nil, nil
	}
	data, err := readBounded(name)
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		d.add(place{file: name}, "", "is longer than %d MiB", maxFile>>20)
		return nil, nil
	}
	all := parseDotenv(string(data))
	for _, a := range all {
		if a.err != nil {
			d.add(place{file: name, line: a.line}, "", "%v", a.err)
		}
	}
	return all, nil
}

// readConfig reads the file at path, or the default one. Without a file both
// results are empty.
func readConfig(path string) ([]byte, string, error) {
	named := path != ""
	if !named {
		path = DefaultName
	}
	data, err := readBounded(path)
	switch {
	case err == nil:
		return data, path, nil
	case !named && errors.Is(err, fs.ErrNotExist):
		return nil, "", nil
	}
	return nil, "", fmt.Errorf("reading settings: %w", err)
}

// readBounded reads a file, and no more than a byte past the longest.
func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

func parseEnviron(environ []string) []assignment {
	var all []assignment
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok {
			all = append(all, assignment{name: name, value: value})
		}
	}
	return all
}

// others lists the variables of a file that the environment has not, but for
// settings.
func others(file, environment []assignment) []string {
	have := map[string]bool{}
	for _, a := range environment {
		have[a.name] = true
	}
	var list []string
	for _, a := range file {
		if a.err == nil && !have[a.name] && (isOther(a.name) || !strings.HasPrefix(a.name, prefix)) {
			list = append(list, a.name+"="+a.value)
		}
	}
	return list
}
