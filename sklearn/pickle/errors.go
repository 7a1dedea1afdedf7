package pickle

import (
	"fmt"
	"strconv"
)

// GlobalError reports that the input names a class or function that it may not.
type GlobalError struct {
	Module, Name string
	Offset       int // of the opcode, in the decompressed input
}

func (e *GlobalError) Error() string {
	return fmt.Sprintf("global %s.%s named at byte %d is not allowed: a model file may not name code beyond the classes of a supported model; "+
		"do not load it in Python unless you trust where it came from", printable(e.Module), printable(e.Name), e.Offset)
}

// SyntaxError reports damaged input, or an opcode that no model file holds.
type SyntaxError struct {
	Offset int // of the opcode, in the decompressed input
	Msg    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("damaged pickle at byte %d: %s", e.Offset, e.Msg)
}

// LimitError reports that the input wants more than Limits allow.
type LimitError struct {
	What   string // what there is too much of, with its unit
	Got    int64  // how much the input wants
	Limit  int64
	Field  string // the field of Limits that says so
	Offset int    // of the opcode, in the decompressed input; -1 before there is one
}

func (e *LimitError) Error() string {
	where := ""
	if e.Offset >= 0 {
		where = fmt.Sprintf(" at byte %d", e.Offset)
	}
	return fmt.Sprintf("%s%s: %d, the most is %d: the file is hostile, or needs a higher Limits.%s", e.What, where, e.Got, e.Limit, e.Field)
}

// FormatError reports a file format that is sound and not read here.
type FormatError struct {
	Format string // what the file is
	Advice string // what to do
}

func (e *FormatError) Error() string {
	return e.Format + " is not supported: " + e.Advice
}

// printable makes a hostile name fit to be shown: short, ASCII, no control characters.
func printable(s string) string {
	const most = 100
	cut := ""
	if len(s) > most {
		s, cut = s[:most], "…"
	}
	q := strconv.QuoteToASCII(s)
	return q[1:len(q)-1] + cut
}

// legacyJoblib is the error for the formats of joblib before 0.10.
func legacyJoblib() *FormatError {
	return &FormatError{"a joblib file of before version 0.10, whose arrays lie in other files,", "load it with that joblib and dump the model again with a newer one"}
}
