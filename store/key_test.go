package store

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"
)

func TestCheckKey(t *testing.T) {
	long := strings.Repeat("s", MaxSegment)
	for _, key := range []string{
		"a", "a/b", "a b/c.d", "a..b/c", "-", "%", "{x}", "a:b", "é/\uFFFD", " a", long, long + "/" + long + "/" + long + "/" + long,
	} {
		if err := CheckKey(key); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct{ key, says string }{
		{"", "empty"},
		{"/", "at byte 0: it is absolute"},
		{"/etc/passwd", "at byte 0: it is absolute"},
		{"a//b", "at byte 2: a segment is empty"},
		{"a/", "at byte 2: a segment is empty"},
		{".", "at byte 0: the segment \".\" could lead out"},
		{"a/../b", "at byte 2: the segment \"..\" could lead out"},
		{"a/.b", "at byte 2: a segment starts with a dot"},
		{".fleetscore-0123456789abcdef.tmp", "temporary"},
		{"a./b", "at byte 1: a segment ends with a dot or a space"},
		{"a/b ", "at byte 3: a segment ends with a dot or a space"},
		{`a\b`, "at byte 1: it has a backslash"},
		{"ab\x00", "at byte 2: it has the control character U+0000"},
		{"é\x7f", "at byte 2: it has the control character U+007F"},
		{"a\u0085b", "U+0085"},
		{"a/b\xff", "at byte 3: it is not UTF-8"},
		{"a/" + long + "s", "at byte 2: a segment is 256 bytes long, the most is 255"},
		{strings.Repeat("a/", MaxKey/2) + "a", "it is 1025 bytes long, the most is 1024"},
	} {
		err := CheckKey(c.key)
		if !errors.Is(err, ErrInvalidKey) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("CheckKey(%.50q): %v; want ErrInvalidKey with %q", c.key, err, c.says)
		} else if len(err.Error()) > 600 {
			t.Errorf("the error for a key of %d bytes has %d bytes", len(c.key), len(err.Error()))
		}
	}
}

// FuzzKey: what CheckKey accepts is a clean path below the folder for every
// judge, and CheckPrefix accepts exactly the starts of keys.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"a/b.c", "../a", "a/", "a/.b", "é ", "a\\b", "a./", "/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		valid := CheckKey(s) == nil
		if valid && (!fs.ValidPath(s) || path.Clean("/store/"+s) != "/store/"+s || len(s) > 1024 || strings.ContainsAny(s, "\x00\n\\")) {
			t.Fatalf("CheckKey accepts %q", s)
		}
		prefix := CheckPrefix(s) == nil
		if valid && !prefix {
			t.Fatalf("the key %q is no prefix", s)
		}
		if prefix && len(s) < MaxKey && len(s)-strings.LastIndexByte(s, '/')-1 < MaxSegment && CheckKey(s+"x") != nil {
			t.Fatalf("CheckPrefix accepts %q, but %v", s, CheckKey(s+"x"))
		}
		if !prefix && CheckKey(s+"x") == nil {
			t.Fatalf("%q is the start of a key: %v", s, CheckPrefix(s))
		}
	})
}
