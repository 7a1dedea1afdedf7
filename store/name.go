package store

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// noName stands for the empty name. No other name is encoded as this, since
// elsewhere two digits follow a "%".
const noName = "%"

// EncodeName makes any text a part of a key: never empty, without "/", never
// leading out of its folder nor looking like a temporary file, and one part for
// one text only. Usual names stay as they are; "Names in keys" above has the
// rules. The result may be three times as long as name, and too long for a
// key: CheckKey says.
func EncodeName(name string) string {
	if name == "" {
		return noName
	}
	extra := 0
	for i, size := 0, 0; i < len(name); i += size {
		var harmful bool
		if harmful, size = harmfulAt(name, i); harmful {
			extra += 2 * size
		}
	}
	if extra == 0 {
		return name
	}
	var b strings.Builder
	b.Grow(len(name) + extra)
	for i, size := 0, 0; i < len(name); i += size {
		var harmful bool
		harmful, size = harmfulAt(name, i)
		if !harmful {
			b.WriteString(name[i : i+size])
			continue
		}
		for _, c := range []byte(name[i : i+size]) {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

const hexDigits = "0123456789ABCDEF"

// harmfulAt reports whether the character at name[i] must be encoded, and its
// size in bytes.
func harmfulAt(name string, i int) (harmful bool, size int) {
	c := name[i]
	if c >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(name[i:])
		return r == utf8.RuneError && size == 1 || unicode.IsControl(r), size
	}
	switch c {
	case '/', '\\', '%', ':', '*', '?', '"', '<', '>', '|', '{', '}', 0x7f:
		return true, 1
	case '.':
		return i == 0 || i == len(name)-1, 1
	case ' ':
		return i == len(name)-1, 1
	}
	return c < ' ', 1
}

// DecodeName returns the text whose EncodeName is part. Anything that
// EncodeName would not have written is an error, so that two parts never mean
// the same name.
func DecodeName(part string) (string, error) {
	if part == noName {
		return "", nil
	}
	if !strings.Contains(part, "%") {
		return canonical(part, part)
	}
	var b strings.Builder
	b.Grow(len(part))
	for i := 0; i < len(part); i++ {
		c := part[i]
		if c == '%' {
			if len(part)-i < 3 {
				return "", fmt.Errorf("%.200q is not an encoded name: at byte %d: two hexadecimal digits must follow %%", part, i)
			}
			high, low := strings.IndexByte(hexDigits, part[i+1]), strings.IndexByte(hexDigits, part[i+2])
			if high < 0 || low < 0 {
				return "", fmt.Errorf("%.200q is not an encoded name: at byte %d: two upper-case hexadecimal digits must follow %%", part, i)
			}
			c = byte(high<<4 | low)
			i += 2
		}
		b.WriteByte(c)
	}
	return canonical(b.String(), part)
}

// canonical returns name if part is its one encoding.
func canonical(name, part string) (string, error) {
	if want := EncodeName(name); want != part {
		return "", fmt.Errorf("%.200q is not an encoded name: %.200q would be written %.200q", part, name, want)
	}
	return name, nil
}
