package config

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Problem is one setting that cannot be used: which, where, and what to do.
type Problem struct {
	Setting string // a flag, or the path of a setting: jobs.hourly.input.window; empty: the file as a whole
	Message string

	File     string // where it was given; empty: on the command line, or nowhere
	Line     int    // from 1
	Variable string // of the environment, or of a file of variables
}

func (p Problem) Error() string {
	var parts []string
	if p.File != "" {
		where := p.File
		if p.Line > 0 {
			where += ":" + strconv.Itoa(p.Line)
		}
		parts = append(parts, where)
	}
	for _, part := range []string{p.Variable, p.Setting, p.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Problems is every setting that cannot be used. It is an error if it is not empty.
type Problems []Problem

// Add notes a problem with a setting, if err is one.
func (p *Problems) Add(setting string, err error) {
	if err != nil {
		*p = append(*p, Problem{Setting: setting, Message: err.Error()})
	}
}

// Err is p as an error, or nil if there are no problems.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// maxProblems is how many problems are worth reading.
const maxProblems = 200

var errTooMany = errors.New("and more; what is wrong after these is not shown")

// sorted puts problems into the order in which a reader meets them: by file, by
// line, those of variables by name. Too many are cut.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Variable, b.Variable), cmp.Compare(a.Setting, b.Setting))
	})
	if len(p) > maxProblems {
		p = append(p[:maxProblems:maxProblems], Problem{Message: errTooMany.Error()})
	}
	return p
}
