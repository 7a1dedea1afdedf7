package readings

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/fleetscore/fleetscore/fleet"
)

// maxExcerpt is how many bytes of a text from a file a message shows.
const maxExcerpt = 40

// count adds a row to the failures of its cause. The first of a cause is
// returned, so that it gets its example.
func count(failures *[]fleet.Failure, cause fleet.Cause) *fleet.Failure {
	for i := range *failures {
		if f := &(*failures)[i]; f.Cause == cause {
			f.Rows++
			return nil
		}
	}
	*failures = append(*failures, fleet.Failure{Cause: cause, Rows: 1})
	return &(*failures)[len(*failures)-1]
}

// fail counts the current row as one of s that cannot be kept.
func (t *table) fail(s *Series, cause fleet.Cause, message func() string) {
	if first := count(&s.Failures, cause); first != nil {
		first.Example = t.here(message())
	}
}

// lost counts the current row as one of no sensor.
func (t *table) lost(message string) {
	if first := count(&t.c.unattributed, fleet.BadRow); first != nil {
		first.Example = t.here(message)
	}
}

func (t *table) here(message string) string {
	return fmt.Sprintf("%s:%d: %s", t.name, t.line, message)
}

// short says that the row ends before the column of r.
func (t *table) short(r role) string {
	return fmt.Sprintf("row has %d columns, %s is column %d", len(t.splitter.fields), r, t.at[r]+1)
}

func (t *table) damage(st status) string {
	switch st {
	case tooLong:
		return fmt.Sprintf("row is longer than %d bytes (a quote that is not closed?)", t.splitter.most)
	case openQuote:
		return "row has a quote that is not closed"
	default:
		return "row has text after a closing quote"
	}
}

func (f fault) message(text []byte) string {
	switch f {
	case timeEmpty:
		return "time is empty"
	case timeMissing:
		return "time " + excerpt(text) + " does not exist"
	case timeTooFar:
		return "time " + excerpt(text) + " is not between 1677-09-21 and 2262-04-11"
	default:
		return "time " + excerpt(text) + " is neither like 2018-08-28T23:00:05.000Z nor a number since 1970"
	}
}

func (n number) cause() fleet.Cause {
	if n == notNumber {
		return fleet.BadRow
	}
	return fleet.NotFinite
}

func (n number) message(text []byte) string {
	switch {
	case n == missing && len(trim(text)) == 0:
		return "value is empty"
	case n == missing:
		return "value " + excerpt(text) + " is not a finite number"
	case n == tooLarge:
		return "value " + excerpt(text) + " is too large for a float64"
	default:
		return "value " + excerpt(text) + " is not a number"
	}
}

// excerpt quotes the start of a text for a message.
func excerpt(text []byte) string {
	if len(text) <= maxExcerpt {
		return strconv.Quote(string(text))
	}
	end := maxExcerpt
	for end > maxExcerpt-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return strconv.Quote(string(text[:end])) + "…"
}
