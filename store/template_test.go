package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
)

func template(t testing.TB, s string) KeyTemplate {
	t.Helper()
	parsed, err := ParseKeyTemplate(s)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.String() != s {
		t.Errorf("the template %q shows as %q", s, parsed)
	}
	return parsed
}

func TestExpandAndMatch(t *testing.T) {
	for _, c := range []struct {
		template string
		sensor   fleet.Sensor
		key      string
	}{
		{"models/{device}/{tag}.pkl", fleet.Sensor{Device: "1", Tag: "temp"}, "models/1/temp.pkl"},
		{"model_{device}_{tag}", fleet.Sensor{Device: "1", Tag: "2"}, "model_1_2"},
		{"{tag}@{device}", fleet.Sensor{Device: "d", Tag: "t"}, "t@d"},
		{"{device}/{device}_{tag}", fleet.Sensor{Device: "a_b", Tag: "c_d"}, "a_b/a_b_c_d"},
		{"{device}_{tag}_{device}", fleet.Sensor{Device: "a_b", Tag: "c"}, "a_b_c_a_b"},
		{"{device}{tag}", fleet.Sensor{Device: "/", Tag: "a"}, "%2Fa"},
		{"{device}/{tag}", fleet.Sensor{Device: "..", Tag: "../x"}, "%2E%2E/%2E.%2Fx"},
		{"100%/{device}{tag}", fleet.Sensor{Device: "%", Tag: "{tag}"}, "100%/%25%7Btag%7D"},
	} {
		if got := template(t, c.template).Expand(c.sensor); got != c.key {
			t.Errorf("%s of %v is %q, want %q", c.template, c.sensor, got, c.key)
		}
		if got, ok := template(t, c.template).Match(c.key); got != c.sensor || !ok {
			t.Errorf("%s matches %q with %v, %v; want %v", c.template, c.key, got, ok, c.sensor)
		}
	}
	for _, c := range []struct{ template, key string }{
		{"{device}/{tag}.pkl", "1/2.pkl.bak"},
		{"{device}/{tag}.pkl", "1/.pkl"},
		{"{device}/{tag}.pkl", "0/1/2.pkl"},
		{"{device}/{tag}.pkl", "1.pkl"},
		{"{device}/{tag}.pkl", "1/a%41.pkl"},
		{"{device}/{tag}.pkl", "%/1.pkl"}, // a sensor's names are not empty
		{"{device}/{tag}.pkl", ""},
		{"{device}/{device}_{tag}", "a/b_c"},
		{"model_{device}_{tag}", "model_1"},
		{"model", "model2"},
	} {
		if got, ok := template(t, c.template).Match(c.key); ok {
			t.Errorf("%s matches %q with %v", c.template, c.key, got)
		}
	}
	if got, ok := template(t, "{device}.pkl").Match("7.pkl"); got != (fleet.Sensor{Device: "7"}) || !ok {
		t.Errorf("a template without {tag} matches with %v, %v", got, ok)
	}
	if got, ok := (KeyTemplate{}).Match(""); ok {
		t.Errorf("the zero template matches with %v", got)
	}
}

func TestParseKeyTemplateRefuses(t *testing.T) {
	for _, c := range []struct{ template, says string }{
		{"", "empty; known are {device} and {tag}"},
		{"models/{dev}/x", "at byte 7: unknown placeholder {dev}; known are {device} and {tag}"},
		{"{}", "at byte 0: unknown placeholder {}"},
		{"{Device}", "unknown placeholder {Device}"},
		{"a{device", "at byte 1: this { is not closed; known are"},
		{"{device/{tag}", "at byte 0: this { is not closed"},
		{"{{device}}", "at byte 0: this { is not closed"},
		{"{device}}", "at byte 8: this } closes nothing"},
		{"/models/{device}", "at byte 0: it is absolute"},
		{"../{device}", "at byte 0: the segment \"..\""},
		{"{device}/../{tag}", "at byte 9: the segment \"..\""},
		{"a/.{tag}", "at byte 2: a segment starts with a dot"},
		{"{device}./x", "at byte 8: a segment ends with a dot"},
		{"{device}//{tag}", "at byte 9: a segment is empty"},
		{"{device}/", "at byte 9: a segment is empty"},
		{`{device}\{tag}`, "at byte 8: it has a backslash"},
		{"{device}\x00", "control character"},
	} {
		if _, err := ParseKeyTemplate(c.template); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("ParseKeyTemplate(%q): %v; want %q", c.template, err, c.says)
		}
	}
}

// FuzzTemplate: the expansion for any names is a key unless it is too long, as
// deep as the template, and Match finds a sensor with the same key. If Match
// finds a sensor for any other key, then that is its key.
func FuzzTemplate(f *testing.F) {
	f.Add("models/{device}/{tag}.pkl", "1", "2", "models/1/2.pkl")
	f.Add("{device}{tag}{device}", "a", "aa", "aaaa")
	f.Add("{device}_{tag}", "..", "/", "%_%2F")
	f.Add("{tag}%2{device}", "F", "%", "%25%2F")
	f.Fuzz(func(t *testing.T, text, device, tag, other string) {
		template, err := ParseKeyTemplate(text)
		if err != nil {
			return
		}
		s := fleet.Sensor{Device: device, Tag: tag}
		key := template.Expand(s)
		if f := keyFault(key); f != nil && !strings.Contains(f.why, "bytes long") {
			t.Fatalf("%q of %q is %q: %s", text, s, key, f.why)
		}
		if strings.Count(key, "/") != strings.Count(text, "/") {
			t.Fatalf("%q of %q is %q, in another folder", text, s, key)
		}
		named := fleet.CheckName("device", device) == nil && fleet.CheckName("tag", tag) == nil
		if found, ok := template.Match(key); named && CheckKey(key) == nil && !ok || ok && template.Expand(found) != key {
			t.Fatalf("%q of %q is %q, which matches %q, %v", text, s, key, found, ok)
		}
		if named && CheckKey(key) == nil && template.Device() && template.Tag() && !slices.Contains(slices.Collect(template.Matches(key)), s) {
			t.Fatalf("%q of %q is %q, which does not match it", text, s, key)
		}
		if found, ok := template.Match(other); ok && template.Expand(found) != other {
			t.Fatalf("%q matches %q with %q, whose key is %q", text, other, found, template.Expand(found))
		}
	})
}

func BenchmarkExpand(b *testing.B) {
	t := template(b, "models/{device}/{tag}.pkl")
	s := fleet.Sensor{Device: "pump-7", Tag: "temperature"}
	b.ReportAllocs()
	for b.Loop() {
		t.Expand(s)
	}
}

func BenchmarkMatchHostile(b *testing.B) {
	t := template(b, "{device}_{tag}_{device}x")
	key := strings.Repeat("_", MaxSegment)
	for b.Loop() {
		t.Match(key)
	}
}
