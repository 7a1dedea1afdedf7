// Package counted writes numbers of things as they are said.
package counted

import "fmt"

// Of is how many there are of what a noun names: "1 job", "2 jobs". The plural must be
// the noun with an s.
func Of[T int | int64 | uint64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
