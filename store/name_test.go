package store

import (
	"strings"
	"testing"
)

func TestEncodeName(t *testing.T) {
	for _, c := range []struct{ name, part string }{
		{"pump-7", "pump-7"},
		{"Öl 3_ü.温度", "Öl 3_ü.温度"},
		{"a'b$(c)&;#~+=,@!^`[]", "a'b$(c)&;#~+=,@!^`[]"},
		{" a", " a"},
		{"\uFFFD", "\uFFFD"},
		{"", "%"},
		{"%", "%25"},
		{"%2F", "%252F"},
		{"/", "%2F"},
		{"in/out", "in%2Fout"},
		{`C:\x`, "C%3A%5Cx"},
		{`*?"<>|{}`, "%2A%3F%22%3C%3E%7C%7B%7D"},
		{".", "%2E"},
		{"..", "%2E%2E"},
		{"...", "%2E.%2E"},
		{".hidden", "%2Ehidden"},
		{"a.b.", "a.b%2E"},
		{"a ", "a%20"},
		{" ", "%20"},
		{"a\x00\n\x7f", "a%00%0A%7F"},
		{"a\u0085", "a%C2%85"}, // a control character of two bytes
		{"a\xff\xc3", "a%FF%C3"},
		{".fleetscore-0000000000000000.tmp", "%2Efleetscore-0000000000000000.tmp"},
	} {
		if got := EncodeName(c.name); got != c.part {
			t.Errorf("EncodeName(%q) = %q, want %q", c.name, got, c.part)
		}
		if got, err := DecodeName(c.part); got != c.name || err != nil {
			t.Errorf("DecodeName(%q) = %q, %v; want %q", c.part, got, err, c.name)
		}
	}
}

func TestDecodeNameRefuses(t *testing.T) {
	for _, part := range []string{
		"", "%%", "%2", "a%", "a%2", "%zz", "%2f", "%41", "a%2Eb", "a%20b", ".a", "a.", "a ", "a/b", "a:b", "{x}", "a\x00", "\xff", "%E4%B8%AD", " %",
	} {
		if name, err := DecodeName(part); err == nil {
			t.Errorf("DecodeName(%q) = %q", part, name)
		}
	}
}

// FuzzName: every text has one part, every part one text, and a part is safe
// wherever it stands.
func FuzzName(f *testing.F) {
	for _, s := range []string{"pump-7", "", "%", "%2F", "..", "a/b\\c", "\xffä\u0085", "a.", ". "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		part := EncodeName(s)
		if name, err := DecodeName(part); name != s || err != nil {
			t.Fatalf("%q is encoded as %q and decoded as %q, %v", s, part, name, err)
		}
		if name, err := DecodeName(s); err == nil && EncodeName(name) != s {
			t.Fatalf("%q is decoded as %q and encoded as %q", s, name, EncodeName(name))
		}
		if part == "" || strings.ContainsAny(part, `/\:*?"<>|{}`) {
			t.Fatalf("%q is encoded as %q", s, part)
		}
		for _, key := range []string{part, part + "/x", "x/" + part, "x" + part, part + "x", part + part} {
			if f := keyFault(key); f != nil && !strings.Contains(f.why, "bytes long") {
				t.Fatalf("%q is encoded as %q, and %q is no key: %s", s, part, key, f.why)
			}
		}
	})
}
