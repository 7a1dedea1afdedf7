// Package counted writes numbers of things as they are said.
package counted

import (
	"fmt"
	"strings"
)

// Of is how many there are of what a noun names: "1 job", "2 jobs", "3 anomalies".
func Of[T int | int64 | uint64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, y := strings.CutSuffix(noun, "y"); y && !strings.ContainsAny(noun[max(0, len(stem)-1):len(stem)], "aeiou") {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
