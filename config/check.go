package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/fleetscore/fleetscore/fleet"
)

// Checks are checks of settings by those who know what they mean: the syntax of a
// schedule, of a template, of a URL. Each calls add with the path of the setting,
// a job's relative to the job, and what is wrong; nil is nothing.
type Checks struct {
	File func(f *File, add func(setting string, err error))
	Job  func(name string, job Job, add func(setting string, err error))
}

// Validate reports every setting that cannot be used.
func (f *File) Validate() error {
	d := decoder{places: map[string]place{}}
	d.check(f, Checks{})
	return d.problems.sorted().Err()
}

// check adds what is wrong with f, at most one problem a setting.
func (d *decoder) check(f *File, checks Checks) {
	seen := map[string]bool{}
	for _, p := range d.problems {
		seen[p.Setting] = true
	}
	add := func(path string, err error) {
		if err == nil || seen[path] || errors.Is(err, errNoInput) && d.anyBelow(path) {
			return
		}
		seen[path] = true
		d.add(d.placeOf(path), path, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	checkTags(reflect.ValueOf(f).Elem(), "", add)
	f.check(add)
	f.Notify.check(f, add)
	for _, name := range slices.Sorted(maps.Keys(f.Windows)) {
		f.Windows[name].check(name, func(setting string, err error) { add(join("windows."+shown(name), setting), err) })
	}
	for _, name := range slices.Sorted(maps.Keys(f.Jobs)) {
		job, addJob := f.Jobs[name], func(setting string, err error) { add(join("jobs."+shown(name), setting), err) }
		addJob("", fleet.CheckJobName(name))
		job.check(f, addJob)
		if checks.Job != nil {
			checks.Job(name, job, addJob)
		}
	}
	if checks.File != nil {
		checks.File(f, add)
	}
}

// anyBelow reports whether a problem has been found with a part of the setting.
func (d *decoder) anyBelow(path string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool { return strings.HasPrefix(p.Setting, path+".") })
}

// placeOf is where the setting at path was given, or else what it is in.
func (d *decoder) placeOf(path string) place {
	for {
		if at, ok := d.places[path]; ok {
			return at
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return place{}
		}
		path = path[:cut]
	}
}

// checkTags checks what the tags of fields say of their values.
func checkTags(v reflect.Value, path string, add func(string, error)) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		name := nameOf(field)
		if name == "" {
			continue
		}
		here := join(path, name)
		switch value.Kind() {
		case reflect.Struct:
			checkTags(value, here, add)
		case reflect.Pointer:
			if value.Type().Elem().Kind() == reflect.Struct && !value.IsNil() {
				checkTags(value.Elem(), here, add)
			}
		case reflect.Map:
			for _, key := range value.MapKeys() {
				checkTags(value.MapIndex(key), join(here, shown(key.String())), add)
			}
		case reflect.String:
			if enum := field.Tag.Get("enum"); enum != "" {
				add(here, oneOfTag(value.String(), enum))
			}
		case reflect.Int:
			low, err1 := strconv.ParseInt(field.Tag.Get("minimum"), 10, 64)
			high, err2 := strconv.ParseInt(field.Tag.Get("maximum"), 10, 64)
			if n := value.Int(); err1 == nil && err2 == nil && (n < low || n > high) {
				add(here, fmt.Errorf("%d is not between %d and %d", n, low, high))
			}
		case reflect.Float64:
			low, err1 := strconv.ParseFloat(field.Tag.Get("minimum"), 64)
			high, err2 := strconv.ParseFloat(field.Tag.Get("maximum"), 64)
			if x := value.Float(); err1 == nil && err2 == nil && !(x >= low && x <= high) {
				add(here, fmt.Errorf("%g is not between %.0f and %.0f", x, low, high))
			}
		case reflect.Int64: // Duration, Size
			if value.Int() < 0 {
				add(here, errors.New("cannot be negative"))
			}
			if most, err := ParseDuration(field.Tag.Get("maximum")); err == nil && value.Int() > int64(most) {
				add(here, fmt.Errorf("%s is longer than %s", Duration(value.Int()), most))
			}
		}
	}
}

// oneOfTag is oneOf, of values with commas between them.
func oneOfTag(value, enum string) error {
	if values := strings.Split(enum, ","); len(values) > 1 || value == enum {
		return oneOf(value, values)
	}
	return fmt.Errorf("%.60q is not known; only %s is, so far", value, enum)
}

func (f *File) check(add func(string, error)) {
	add("store", required(f.Store, "a folder, or a URL such as s3://bucket"))
	switch inside := f.inStore(f.Data); {
	case f.Data == "":
	case isURL(f.Data):
		add("data", errors.New("must be a local folder"))
	case inside:
		add("data", errors.New("is in the store, where jobs could read the token; choose a folder outside it, or a hidden one such as .fleetscore"))
	}
	host, port, err := net.SplitHostPort(f.Listen)
	if n, errPort := strconv.ParseUint(port, 10, 16); err != nil || errPort != nil || strconv.Itoa(int(n)) != port || strings.ContainsAny(host, " /") {
		add("listen", fmt.Errorf("%.60q is not an address and a port, such as 127.0.0.1:8321", f.Listen))
	}
	f.TLS.check(add)
	for i, host := range f.Hosts {
		if host == "" || strings.ContainsAny(host, " /*[]@") {
			add(fmt.Sprintf("hosts[%d]", i), fmt.Errorf("%.60q is not a name such as fleet.example.com", host))
		}
	}
	if f.Pool.Max != 0 && f.Pool.Min > f.Pool.Max {
		add("pool.min", fmt.Errorf("%d is more than pool.max, %d", f.Pool.Min, f.Pool.Max))
	}
	if f.Telemetry.Interval.Std() < time.Second {
		add("telemetry.interval", fmt.Errorf("%s is too short: 1s or more", f.Telemetry.Interval))
	}
	if c := f.Prices.Currency; c == "" || len(c) > 8 || strings.ContainsFunc(c, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsSymbol(r) }) {
		add("prices.currency", fmt.Errorf("%.20q is not a currency such as EUR or $", c))
	}
	const least = 32 << 20
	if f.Pool.Memory != 0 && f.Pool.Memory < least {
		add("pool.memory", fmt.Errorf("%s is too little for a node: at least %s, or 0 for a fair share", f.Pool.Memory, Size(least)))
	}
}

func (t TLS) check(add func(string, error)) {
	switch {
	case t.Cert != "" && t.Key == "":
		add("tls.key", errors.New("is needed with tls.cert"))
	case t.Cert == "" && t.Key != "":
		add("tls.cert", errors.New("is needed with tls.key"))
	case t.Cert == "" && t.ClientCA != "":
		add("tls.client_ca", errors.New("needs tls.cert and tls.key: certificates of clients are a part of TLS"))
	case t.Cert != "" && t.Proxy:
		add("tls.proxy", errors.New("TLS is ended by the proxy, or here by tls.cert; choose one"))
	}
	for name, path := range map[string]string{"cert": t.Cert, "key": t.Key, "client_ca": t.ClientCA} {
		if isURL(path) {
			add("tls."+name, errors.New("must be a local file"))
		}
	}
}

func (w Window) check(name string, add func(string, error)) {
	if fleet.CheckJobName(name) != nil {
		add("", fmt.Errorf("the name %.80q of a window may have 1 to 63 characters: a-z, 0-9, and after the first - _ . (not at the end)", name))
	}
	switch {
	case w.Every == 0:
		add("every", errors.New("is needed: how long a window is, such as 1m"))
	case w.Every.Std()%time.Second != 0:
		add("every", fmt.Errorf("%s is not a whole number of seconds", w.Every))
	}
}
