package decode

import (
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested that is not looked at.
const maxDepth = 32

// scanner reads JSON off a text, strictly.
type scanner struct {
	b []byte
	i int
}

// space skips white space, and returns the byte that follows; 0 at the end.
func (s *scanner) space() byte {
	for ; s.i < len(s.b); s.i++ {
		if c := s.b[s.i]; !isSpace(c) {
			return c
		}
	}
	return 0
}

// broken is that the text is not JSON here.
func (s *scanner) broken() flaw {
	if s.i >= len(s.b) {
		return flaw{BadJSON, "the JSON ends too soon", nil}
	}
	return flaw{BadJSON, "is where it stops being JSON", s.b[s.i:]}
}

// text reads a string, whose first quote is next: what is between the quotes, and
// whether there are escapes in it.
func (s *scanner) text() (raw []byte, escaped, ok bool) {
	s.i++
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			raw = s.b[start:s.i]
			s.i++
			return raw, escaped, true
		case c < 0x20:
			return nil, false, false
		case c == '\\':
			escaped = true
			if !s.escape() {
				return nil, false, false
			}
		default:
			s.i++
		}
	}
	return nil, false, false
}

// escape skips an escape.
func (s *scanner) escape() bool {
	if s.i+1 >= len(s.b) {
		s.i = len(s.b)
		return false
	}
	switch s.b[s.i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
		return true
	case 'u':
		return s.unicode()
	}
	return false
}

// unicode skips an escape of a character: of half of one, too, would make names
// alike that are not.
func (s *scanner) unicode() bool {
	r, ok := hex4(s.b[s.i+2:])
	if !ok {
		return false
	}
	s.i += 6
	if !utf16.IsSurrogate(r) {
		return true
	}
	if len(s.b) < s.i+6 || s.b[s.i] != '\\' || s.b[s.i+1] != 'u' {
		return false
	}
	second, _ := hex4(s.b[s.i+2:])
	s.i += 6
	return utf16.DecodeRune(r, second) != utf8.RuneError
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape appends what a string means that text has read.
func unescape(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		if c = raw[i+1]; c != 'u' {
			dst = append(dst, plain(c))
			i += 2
			continue
		}
		r, _ := hex4(raw[i+2:])
		i += 6
		if utf16.IsSurrogate(r) {
			second := rune(0)
			if i+1 < len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
				second, _ = hex4(raw[i+2:])
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				i += 6
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// plain is what a letter after a backslash means.
func plain(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// literal reads true, false or null.
func (s *scanner) literal(word string) bool {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return false
	}
	s.i += len(word)
	return true
}

// skip reads over a value of any kind.
func (s *scanner) skip(depth int) flaw {
	if depth > maxDepth {
		return flaw{BadJSON, "is nested too deep", s.b[s.i:]}
	}
	ok := false
	switch c := s.space(); c {
	case '"':
		_, _, ok = s.text()
	case 't':
		ok = s.literal("true")
	case 'f':
		ok = s.literal("false")
	case 'n':
		ok = s.literal("null")
	case '[':
		return s.list(']', func() flaw { return s.skip(depth + 1) })
	case '{':
		return s.list('}', func() flaw {
			if s.space() != '"' {
				return s.broken()
			}
			if _, _, ok := s.text(); !ok || s.space() != ':' {
				return s.broken()
			}
			s.i++
			return s.skip(depth + 1)
		})
	default:
		_, n := scanNumber(s.b[s.i:])
		s.i += n
		ok = n > 0
	}
	if !ok {
		return s.broken()
	}
	return flaw{}
}

// list reads what stands between brackets with commas between.
func (s *scanner) list(end byte, item func() flaw) flaw {
	s.i++
	if s.space() == end {
		s.i++
		return flaw{}
	}
	for {
		if f := item(); f.any() {
			return f
		}
		switch s.space() {
		case ',':
			s.i++
		case end:
			s.i++
			return flaw{}
		default:
			return s.broken()
		}
	}
}
