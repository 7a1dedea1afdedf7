package config

import "strings"

// Problem is one setting that cannot be used: which, and what to do.
type Problem struct {
	Setting string
	Message string
}

func (p Problem) Error() string { return p.Setting + ": " + p.Message }

// Problems is every setting that cannot be used. It is an error if it is not empty.
type Problems []Problem

// Add notes a problem with a setting, if err is one.
func (p *Problems) Add(setting string, err error) {
	if err != nil {
		*p = append(*p, Problem{setting, err.Error()})
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
