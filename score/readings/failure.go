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

// short says that the row ends before a column.
func (t *table) short(what string, at int) string {
	return fmt.Sprintf("row has %d columns, %s is column %d", len(t.splitter.fields), what, at+1)
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

// message says what is wrong with the text of a value that the column what has.
func (n number) message(what string, text []byte) string {
	switch {
	case n == missing && len(trim(text)) == 0:
		return what + " is empty"
	case n == missing || n == infinite:
		return what + " " + excerpt(text) + " is not a finite number"
	case n == tooLarge:
		return what + " " + excerpt(text) + " is too large for a float64"
	default:
		return what + " " + excerpt(text) + " is not a number"
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
