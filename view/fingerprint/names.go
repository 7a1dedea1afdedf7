package fingerprint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// name is a way in which a sensor's device or tag stands in texts, and what stands for it.
type name struct{ text, mark string }

// names are those of a sensor, the longest first: of two that begin at one place the
// longer is meant.
type names []name

// namesOf lists the names of a failure's sensor as they are, as they are in keys, and as
// they are quoted.
func namesOf(f *fleet.SensorFailure) names {
	var all names
	for _, n := range []name{{f.Device, "<device>"}, {f.Tag, "<tag>"}} {
		quoted := strconv.Quote(n.text)
		for _, text := range []string{n.text, store.EncodeName(n.text), quoted[1 : len(quoted)-1]} {
			if text != "" {
				all = append(all, name{text, n.mark})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b name) int { return cmp.Compare(len(b.text), len(a.text)) })
	return all
}

// replaced is a text with marks for names.
func (all names) replaced(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		n, mark := all.at(text, i)
		if n == 0 {
			n, mark = 1, text[i:i+1]
		}
		out.WriteString(mark)
		i += n
	}
	return out.String()
}

// at is the name that stands at a place of a text, and what stands for it; 0: none does.
func (all names) at(text string, i int) (n int, mark string) {
	for _, one := range all {
		if strings.HasPrefix(text[i:], one.text) && (len(one.text) > 1 || alone(text, i)) {
			return len(one.text), one.mark
		}
	}
	return 0, ""
}

// alone reports whether a letter is a name: one is in every word, but not between the
// marks that separate the parts of a key.
func alone(text string, i int) bool {
	const marks = "/_-.="
	before := i > 0 && strings.IndexByte(marks, text[i-1]) >= 0
	after := i+1 < len(text) && strings.IndexByte(marks, text[i+1]) >= 0
	return before && after
}
