package command

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
)

// sheets are where the rows of an output are put: a sheet for each request.
type sheets struct {
	requests []runtime.Request
	of       map[fleet.Sensor]*sheet
	all      []sheet
}

// sheet is the answer to one request, row by row.
type sheet struct {
	request *runtime.Request
	answer  *runtime.Answer
	rows    int             // answered
	next    int             // the first that is not, as long as they come in order
	open    map[int64][]int // by time, those that are not, once they do not
	err     error           // what is wrong with the answer
}

func newSheets(requests []runtime.Request, answers []runtime.Answer) *sheets {
	s := &sheets{requests: requests, of: make(map[fleet.Sensor]*sheet, len(requests)), all: make([]sheet, len(answers))}
	for i := range answers {
		s.all[i] = sheet{request: &requests[i], answer: &answers[i]}
		s.of[requests[i].Sensor] = &s.all[i]
		reset(&answers[i], requests[i].Rows())
	}
	return s
}

// reset makes an answer of n rows that were not scored.
func reset(a *runtime.Answer, n int) {
	*a = runtime.Answer{Score: slices.Grow(a.Score[:0], n)[:n], Label: slices.Grow(a.Label[:0], n)[:n]}
	for i := range a.Score {
		a.Score[i], a.Label[i] = math.NaN(), 0
	}
}

func fail(a *runtime.Answer, cause fleet.Cause, err error) { a.Cause, a.Err = cause, err }

// row is a row of an output. A label of 0 was not said.
type row struct {
	sensor fleet.Sensor
	ns     int64
	timed  bool
	score  float64 // NaN: none
	label  int8
}

// put puts a row to the request that it answers. An error is one of the whole output.
func (s *sheets) put(r row) error {
	sheet := s.of[r.sensor]
	if sheet == nil {
		return fmt.Errorf("it has a row of %s, which was not asked for", quoted(r.sensor))
	}
	if sheet.err == nil {
		sheet.err = sheet.put(r)
	}
	return nil
}

// unscored counts rows of a sensor that were answered by no number.
func (s *sheets) unscored(sensor fleet.Sensor, rows int64) error {
	sheet := s.of[sensor]
	if sheet == nil {
		return fmt.Errorf("it has rows of %s, which was not asked for", quoted(sensor))
	}
	sheet.rows += int(rows)
	return nil
}

// spoil notes what is wrong with one sensor's rows.
func (s *sheets) spoil(sensor fleet.Sensor, err error) {
	if sheet := s.of[sensor]; sheet != nil && sheet.err == nil {
		sheet.err = err
	}
}

func (s *sheet) put(r row) error {
	at := s.next
	switch {
	case !r.timed && at >= s.request.Rows():
		return fmt.Errorf("its output has more rows than the %d it was given", s.request.Rows())
	case r.timed:
		var ok bool
		if at, ok = s.find(r.ns); !ok {
			return fmt.Errorf("its output has a row of %s, which was not asked for, or is answered already", written(r.ns))
		}
	}
	if s.open == nil {
		s.next++
	}
	s.rows++
	s.answer.Score[at], s.answer.Label[at] = r.score, r.label
	return nil
}

// find is the next row of that time without an answer.
func (s *sheet) find(ns int64) (int, bool) {
	if s.open == nil {
		if s.next < s.request.Rows() && s.request.Times[s.next] == ns {
			return s.next, true
		}
		s.open = make(map[int64][]int)
		for i := s.next; i < s.request.Rows(); i++ {
			s.open[s.request.Times[i]] = append(s.open[s.request.Times[i]], i)
		}
	}
	left := s.open[ns]
	if len(left) == 0 {
		return 0, false
	}
	s.open[ns] = left[1:]
	return left[0], true
}

// finish fails those that are not answered, each by itself.
func (s *sheets) finish() {
	for i := range s.all {
		sheet := &s.all[i]
		if sheet.err == nil && sheet.rows != sheet.request.Rows() {
			sheet.err = fmt.Errorf("its output has %d rows for the %d it was given", sheet.rows, sheet.request.Rows())
		}
		if sheet.err != nil {
			fail(sheet.answer, fleet.ScriptFailed, sheet.err)
		}
	}
}

// A verdict is how a column says what is an anomaly.
type verdict int

const (
	byScore verdict = iota
	byAnomaly
	byLabel
)

// read reads a verdict from its number: 0 is none.
func (v verdict) read(n float64) (int8, error) {
	switch {
	case math.IsNaN(n):
		return 0, nil
	case v == byAnomaly && (n == 0 || n == 1):
		return int8(1 - 2*n), nil
	case v == byAnomaly:
		return 0, fmt.Errorf("its verdict %v is neither 1, an anomaly, nor 0; a column of scikit-learn's -1 and 1 is called label", n)
	case n == 1 || n == -1:
		return int8(n), nil
	}
	return 0, fmt.Errorf("its label %v is neither -1, an anomaly, nor 1; a column of 0 and 1 is called anomaly", n)
}

// judge is what a score, if there is one, and a verdict, if there is one, say of a row. The score of one that
// has a verdict only is that of its label, 1 or -1, as in the python runtime.
func (v verdict) judge(score, said float64, scored bool) (float64, int8, error) {
	if scored && (math.IsNaN(score) || math.IsInf(score, 0)) {
		return math.NaN(), 0, nil
	}
	switch {
	case v != byScore:
		label, err := v.read(said)
		if err != nil || label == 0 {
			return math.NaN(), 0, err
		}
		if !scored {
			score = float64(label)
		}
		return score, label, nil
	case score < 0:
		return score, -1, nil
	}
	return score, 1, nil
}

// number reads a field: nothing, and what pandas and R write for it, is NaN.
func number(field string) (float64, error) {
	text := strings.TrimSpace(field)
	switch strings.ToLower(text) {
	case "", "na", "null", "none":
		return math.NaN(), nil
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("its output has %.60q where a number belongs", field)
	}
	return n, nil
}

func written(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// quoted is a sensor of an output, which may hold anything.
func quoted(s fleet.Sensor) string { return fmt.Sprintf("%.80q", s.String()) }
