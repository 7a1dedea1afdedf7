package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// failedError is a job that ran and failed.
type failedError struct{ error }

// Codes of failures, beside those that the API has.
const (
	codeFailed      = "failed"      // it ran, and too much failed
	codeNotRunning  = "not_running" // there is no service at the address
	codeInterrupted = "interrupted"
	codeError       = "error" // any other
)

// failure is why a command did not do what it was told to, as --json tells it.
type failure struct {
	Error    string    `json:"error"`
	Code     string    `json:"code"`
	Exit     int       `json:"exit"`
	Problems []mistake `json:"problems,omitempty"`
}

// mistake is one thing that was wrong with what was given.
type mistake struct {
	At       string `json:"at,omitempty"` // a setting, a flag, or a part of the request
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Variable string `json:"variable,omitempty"`
	Message  string `json:"message"`
}

func judge(err error) failure {
	var problems config.Problems
	var usage usageError
	var failed failedError
	var refusal *client.Error
	switch {
	case errors.As(err, &problems):
		text := problems.Error()
		if len(problems) > 1 {
			text = "settings that cannot be used:\n  " + strings.ReplaceAll(text, "\n", "\n  ")
		}
		return failure{Error: text, Code: web.CodeInvalid, Exit: exitUsage, Problems: mistakesOf(problems)}
	case errors.As(err, &usage):
		return failure{Error: usage.Error(), Code: web.CodeInvalid, Exit: exitUsage}
	case errors.As(err, &refusal):
		f := failure{Error: err.Error(), Code: refusal.Code, Exit: exitCannotRun}
		if f.Code == web.CodeInvalid {
			f.Exit = exitUsage // the service reads arguments for us
		}
		for _, d := range refusal.Errors {
			f.Problems = append(f.Problems, mistake{At: d.Location, Message: d.Message})
		}
		return f
	case errors.As(err, &failed):
		return failure{Error: failed.Error(), Code: codeFailed, Exit: exitFailed}
	case errors.Is(err, client.ErrNotRunning):
		return failure{Error: err.Error(), Code: codeNotRunning, Exit: exitCannotRun}
	case errors.Is(err, context.Canceled):
		return failure{Error: "interrupted; files that were being written are not there, whole ones are", Code: codeInterrupted, Exit: exitCannotRun}
	}
	return failure{Error: err.Error(), Code: codeError, Exit: exitCannotRun}
}

func mistakesOf(problems config.Problems) []mistake {
	list := make([]mistake, 0, len(problems))
	for _, p := range problems {
		list = append(list, mistake{At: p.Setting, File: p.File, Line: p.Line, Variable: p.Variable, Message: p.Message})
	}
	return list
}

// write tells the failure: as a line of JSON for programs, which may have read
// lines about the progress before, or as text for people.
func (f failure) write(w io.Writer, asJSON bool) {
	if asJSON {
		_ = json.NewEncoder(w).Encode(f) // there is nobody left to tell
		return
	}
	for line := range strings.Lines("fleetscore: " + f.Error) {
		fmt.Fprintln(w, visible(strings.TrimSuffix(line, "\n")))
	}
}

// wantsJSON reports whether a command was told --json, also if it was not
// understood so far.
func wantsJSON(cmd *cobra.Command, args []string) bool {
	if f := cmd.Flags().Lookup("json"); f != nil && f.Changed {
		return f.Value.String() == "true"
	}
	return slices.Contains(args, "--json")
}
