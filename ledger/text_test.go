package ledger

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzClip(f *testing.F) {
	for _, text := range []string{"", "a\x00b", "\xff", strings.Repeat("é", 3000), strings.Repeat("x", maxText) + "é", strings.Repeat("\xc3\x00", 3000)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := clip(text)
		switch plain := utf8.ValidString(text) && !strings.Contains(text, "\x00"); {
		case plain && len(text) <= maxText && got != text:
			t.Errorf("%q became %q", text, got)
		case !utf8.ValidString(got) || strings.Contains(got, "\x00") || len(got) > maxText:
			t.Errorf("%q became %q", text, got)
		case clip(got) != got:
			t.Errorf("%q is clipped twice", text)
		}
	})
}

func FuzzParseHolder(f *testing.F) {
	f.Add(self().text())
	for _, text := range []string{"", "1\na\nb\n", "0\na\nb\n", "1\n\x1b\n\n\n\n", "99999999999999999999\na\nb", "1\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := parseHolder(text)
		if strings.ContainsAny(h.String(), "\n\r\x1b\x00") {
			t.Errorf("%q names %q", text, h)
		}
		if h.pid == 0 || len(text) > maxHolder/4 {
			return
		}
		if again := parseHolder(h.text()); again != h {
			t.Errorf("%+v is read again as %+v", h, again)
		}
	})
}
