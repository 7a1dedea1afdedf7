package notify

import "unicode/utf8"

// Match reports whether text is as a pattern says, in which * is any text, slashes
// too, and ? one character. It takes time in the order of both lengths' product.
func Match(pattern, text string) bool {
	star, again := -1, 0 // where the last * was, and how much of the text it takes
	p, t := 0, 0
	for t < len(text) {
		_, size := utf8.DecodeRuneInString(text[t:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, again = p, t
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			t += size
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			_, size := utf8.DecodeRuneInString(text[again:])
			again += size
			p, t = star+1, again
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
