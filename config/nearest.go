package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// suggest says what was perhaps meant by an unknown name, or else what is known;
// it is the end of a message.
func suggest(name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	if len(known) == 0 || len(known) > 30 {
		return ""
	}
	return "; known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// nearest is the known name that takes the fewest slips of the hand to write as
// name, or "" if none is near.
func nearest(name string, known []string) string {
	const longest = 100
	best, fewest := "", 1+min(3, len(name)/3)
	if len(name) > longest {
		return ""
	}
	name = strings.ToLower(name)
	for _, k := range known {
		if len(k) > longest {
			continue
		}
		if d := slips(name, strings.ToLower(k)); d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// slips is the edit distance of two names, with two neighbours that changed places
// as one slip.
func slips(a, b string) int {
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(last[j]+cost, last[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}

// shown is a key of a file as a message shows it: it may be anything.
func shown(key string) string {
	const longest = 64
	plain := key != "" && key[0] != '.' && utf8.ValidString(key) && !strings.ContainsFunc(key, func(r rune) bool {
		return !unicode.IsPrint(r) || unicode.IsSpace(r) || r == '"'
	})
	if !plain || len(key) > longest {
		return fmt.Sprintf("%.*q", longest, key)
	}
	return key
}
