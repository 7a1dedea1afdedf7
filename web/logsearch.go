package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// LogLines is lines of logs that have a text in them.
type LogLines struct {
	Lines    []LogLine `json:"lines" nullable:"false" doc:"attempt by attempt, as they were written"`
	Searched int64     `json:"searched_bytes" doc:"of logs, for this answer"`
	Next     string    `json:"next,omitempty" doc:"there is more to search: ask with cursor set to it; there may be no lines in it"`
}

// LogLine is a line of a log.
type LogLine struct {
	Task    string `json:"task"`
	Attempt int    `json:"attempt"`
	Offset  int64  `json:"offset" doc:"where it begins, in bytes; get-log reads on from there"`
	Text    string `json:"text" doc:"4 KiB at most"`
}

type searchLogInput struct {
	RunParam
	Text   string `query:"text" maxLength:"512" doc:"only lines that have it, in upper or lower case, such as a sensor's name"`
	Level  string `query:"level" enum:"warn,error" doc:"only lines of this level, or of a worse one"`
	Task   string `query:"task" maxLength:"24" doc:"only of this task"`
	Cursor string `query:"cursor" maxLength:"64" doc:"the next of an answer"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"of lines"`
}

// Bounds of a search.
const (
	mostSearched = 32 << 20 // bytes of logs for an answer
	mostLine     = 4 << 10
)

func (s *Server) logSearchOperation(api huma.API) {
	register(s, api, operation{id: "search-log", at: "GET " + base + "/runs/{run}/log/search", tag: "runs", role: Viewer,
		summary: "Lines of a run's logs that have a text in them", about: "An answer comes of 32 MiB of logs at most: next says that there is more."}, s.searchLog)
}

// logSearch is a search under way.
type logSearch struct {
	s     *Server
	run   ledger.Run
	text  []byte // in lower case
	level string
	limit int
	list  LogLines
}

func (s *Server) searchLog(ctx context.Context, in *searchLogInput) (LogLines, error) {
	r, err := s.run(ctx, in.Run)
	if err != nil {
		return LogLines{}, err
	}
	q := &logSearch{s: s, run: r, text: bytes.ToLower([]byte(in.Text)), level: in.Level, limit: in.Limit, list: LogLines{Lines: []LogLine{}}}
	filter := ledger.AttemptFilter{Run: r.ID, Limit: maxAttempts}
	if in.Task != "" {
		generation, index, err := parseTaskName(in.Task)
		if err != nil {
			return LogLines{}, invalid("query.task", err)
		}
		filter.Generation, filter.Index = &generation, &index
	}
	var from *fleet.Task
	offset := int64(0)
	if in.Cursor != "" {
		name, number, _ := strings.Cut(in.Cursor, "@")
		at, err1 := fleet.ParseTask(r.ID, name)
		n, err2 := strconv.ParseInt(number, 10, 64)
		if err1 != nil || err2 != nil || n < 0 {
			return LogLines{}, invalid("query.cursor", errCursor)
		}
		from, offset = &at, n
	}
	for {
		all, err := s.cfg.Ledger.Attempts(ctx, filter)
		if err != nil {
			return LogLines{}, fmt.Errorf("listing the attempts of run %s: %w", r.ID, err)
		}
		for _, a := range all {
			begin := int64(0)
			if from != nil {
				if before(a.Task, *from) {
					continue
				}
				if a.Task == *from {
					begin = offset
				}
			}
			if done, err := q.search(ctx, a.Task, begin); err != nil || done {
				return q.list, err
			}
		}
		if len(all) < maxAttempts {
			return q.list, nil
		}
		filter.After = all[len(all)-1].Task.String()
	}
}

// before reports whether a comes before b in the order of attempts.
func before(a, b fleet.Task) bool {
	if a.Generation != b.Generation {
		return a.Generation < b.Generation
	}
	if a.Index != b.Index {
		return a.Index < b.Index
	}
	return a.Attempt < b.Attempt
}

// search looks through the log of an attempt. It is done when that is enough.
func (q *logSearch) search(ctx context.Context, t fleet.Task, offset int64) (done bool, err error) {
	body, err := q.s.cfg.Data.Log(ctx, q.run, t, offset)
	if err != nil {
		if notFound(err) {
			return false, nil
		}
		return false, fmt.Errorf("reading the log of attempt %s: %w", t, err)
	}
	defer body.Close()
	lines := bufio.NewReaderSize(body, logBuffer)
	for {
		if len(q.list.Lines) == q.limit || q.list.Searched >= mostSearched {
			q.list.Next = fmt.Sprintf("%s@%d", t, offset)
			return true, nil
		}
		line, err := lines.ReadSlice('\n') // a longer one is looked at piece by piece
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return false, fmt.Errorf("reading the log of attempt %s: %w", t, err)
		}
		if len(line) > 0 && q.wants(line) {
			text := bytes.TrimRight(line, "\r\n")
			q.list.Lines = append(q.list.Lines, LogLine{Task: taskName(t.Generation, t.Index), Attempt: t.Attempt, Offset: offset, Text: strings.ToValidUTF8(string(text[:min(len(text), mostLine)]), "\uFFFD")})
		}
		offset += int64(len(line))
		q.list.Searched += int64(len(line))
		if errors.Is(err, io.EOF) {
			return false, nil
		}
	}
}

func (q *logSearch) wants(line []byte) bool {
	if len(q.text) > 0 && !bytes.Contains(bytes.ToLower(line), q.text) {
		return false
	}
	if q.level == "" {
		return true
	}
	bad := bytes.Contains(line, []byte("ERROR"))
	return bad || q.level == "warn" && bytes.Contains(line, []byte("WARN"))
}
