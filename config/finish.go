package config

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// StateName is the folder of the state in a store. No key of a store can begin
// with a dot, so no job can read the token.
const StateName = ".fleetscore"

// finish sets what defaults depend on.
func (f *File) finish() {
	if len(f.Windows) == 0 {
		f.Windows = defaultWindows()
	}
	f.Pool.Max = MostNodes(f.Pool.Max, f.Pool.Min)
	for name, job := range f.Jobs {
		clip := job.Input.Clips()
		job.Input.Clip = &clip
		job.Models = job.ModelKey()
		f.Jobs[name] = job
	}
}

// MostNodes is what pool.max says beside pool.min: 0 is one for each core, and no fewer
// than min.
func MostNodes(most, least int) int {
	if most == 0 {
		return max(runtime.GOMAXPROCS(0), least)
	}
	return most
}

// resolve makes paths absolute.
func (f *File) resolve() {
	f.Store, f.Data = f.absolute(f.Store), f.absolute(f.Data)
	f.TLS.Cert, f.TLS.Key, f.TLS.ClientCA = f.absolute(f.TLS.Cert), f.absolute(f.TLS.Key), f.absolute(f.TLS.ClientCA)
	f.Notify.resolve(f.absolute)
}

func (f *File) absolute(path string) string {
	if path == "" || isURL(path) || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.Dir, path)
}

func isURL(s string) bool {
	scheme, _, ok := strings.Cut(s, ":/")
	return ok && scheme != "" && !strings.ContainsAny(scheme, `/\.`)
}

// inStore reports whether a local path is that of an object that a store in a
// folder can have, or a folder of one.
func (f *File) inStore(path string) bool {
	store := f.localStore()
	if store == "" {
		return false
	}
	below, err := filepath.Rel(store, f.absolute(path))
	if err != nil || below == ".." || strings.HasPrefix(below, ".."+string(filepath.Separator)) {
		return false
	}
	return below == "." || !strings.Contains(string(filepath.Separator)+below, string(filepath.Separator)+".")
}

// localStore is the folder that the store is, or "" if it is in a cloud.
func (f *File) localStore() string {
	if !isURL(f.Store) {
		return f.absolute(f.Store)
	}
	if u, err := url.Parse(f.Store); err == nil && strings.EqualFold(u.Scheme, "file") && u.Path != "" {
		return filepath.FromSlash(u.Path)
	}
	return ""
}

// StateDir is the local folder for what is this machine's alone: the ledger, the
// token, caches.
func (f *File) StateDir() string {
	if f.Data != "" {
		return f.absolute(f.Data)
	}
	folder := f.localStore()
	if folder == "" {
		folder = f.absolute("fleetscore-data")
	}
	return filepath.Join(folder, StateName)
}

// warn notes the settings that were given and have no effect.
func (d *decoder) warn(f *File) {
	for _, w := range []struct{ setting, message string }{
		{"retention.readings", "has no effect yet: readings are not archived"},
	} {
		at, given := d.places[w.setting]
		for path, variable := range d.places {
			if !given && strings.HasPrefix(path, w.setting+".") { // by variables alone
				at, given = variable, true
			}
		}
		if given {
			f.Warnings = append(f.Warnings, Problem{Setting: w.setting, Message: w.message, File: at.file, Line: at.line, Variable: at.variable})
		}
	}
}
