package ledgertest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// texts are what may come from outside.
func texts() []string {
	return []string{
		"'; DROP TABLE runs; --", "? $1 :a @b %s {}", "a\x00b", "\x00", "\xff\xfe", "caf\xc3", "温度 \U0001F600 \u202e \ufeff", "a\r\n\t\x1b[31m",
		strings.Repeat("x", 5<<20), strings.Repeat("温", 5000), strings.Repeat("\x00\xff", 5000), strings.Repeat("x", 4095) + "é",
	}
}

// hostileText puts any text where people read it, and any name where it names
// something.
func hostileText(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	const most = 4 << 10
	check := func(got, text string) {
		t.Helper()
		switch plain := utf8.ValidString(text) && !strings.Contains(text, "\x00"); {
		case plain && len(text) <= most:
			want(t, got, text)
		case !utf8.ValidString(got) || strings.Contains(got, "\x00") || len(got) > most:
			t.Errorf("%.40q is stored as %d bytes, %.40q", text, len(got), got)
		case len(text) > most && (len(got) < most-3*utf8.UTFMax || !strings.HasSuffix(got, "…")):
			t.Errorf("%.40q is cut to %d bytes, …%q", text, len(got), got[max(0, len(got)-10):])
		}
	}
	for n, text := range texts() {
		r := run("a", n, ledger.Manual)
		r.Error, r.Causes = text, []fleet.Group{{Cause: fleet.Cause(text), Example: text}}
		ok(t, l.AddRun(ctx, r))
		ok(t, l.SaveRun(ctx, r))
		got := must(l.Run(ctx, r.ID))(t)
		check(got.Error, text)
		check(got.Causes[0].Example, text)
		check(string(got.Causes[0].Cause), text)

		ok(t, l.SaveAttempts(ctx, []ledger.Attempt{{Task: fleet.Task{Run: r.ID, Attempt: 1}, State: fleet.TaskFailed, Node: text, Detail: text}}))
		a := must(l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID}))(t)[0]
		check(a.Detail, text)
		check(a.Node, text)

		ok(t, l.SaveNode(ctx, fleet.Node{ID: "n", State: fleet.NodeIdle, Executor: text, Detail: text}))
		node := must(l.Nodes(ctx, begin()))(t)[0]
		check(node.Detail, text)
		check(node.Executor, text)

		ok(t, l.Note(ctx, ledger.Entry{Who: text, Action: text, Subject: text, Detail: text}))
		e := must(l.Trail(ctx, 0, 1))(t)[0]
		for _, field := range []string{e.Who, e.Action, e.Subject, e.Detail} {
			check(field, text)
		}
		hostileName(t, l, n, text)
	}
	r := run("a", 1000, ledger.Manual)
	r.Causes = make([]fleet.Group, 1<<20)
	ok(t, l.AddRun(ctx, r))
	if n := len(must(l.Run(ctx, r.ID))(t).Causes); n > 1000 {
		t.Errorf("%d causes are stored", n)
	}
}

// hostileName uses a text as a name: it is refused, or it names what it should.
func hostileName(t *testing.T, l *ledger.Ledger, n int, text string) {
	t.Helper()
	ctx := t.Context()
	_, jobErr := l.Job(ctx, text)
	_, runErr := l.Run(ctx, text)
	_, fireErr := l.Fire(ctx, text, hours(1), nil)
	for _, err := range []error{jobErr, runErr, fireErr, l.SetPaused(ctx, text, true), l.AskCancel(ctx, text), l.SaveRun(ctx, ledger.Run{ID: text, State: ledger.Queued})} {
		wantError(t, err, ledger.ErrNotFound)
	}
	if _, has, err := l.Setting(ctx, text); has || err != nil {
		t.Errorf("setting %.40q: %v, %v", text, has, err)
	}
	want(t, len(must(l.Runs(ctx, ledger.RunFilter{Job: text}))(t)), 0)
	want(t, len(must(l.Attempts(ctx, ledger.AttemptFilter{Run: text, States: []fleet.TaskState{fleet.TaskState(text)}}))(t)), 0)

	good := utf8.ValidString(text) && !strings.Contains(text, "\x00") && len(text) <= 1024
	r := run("x", n, ledger.Scheduled)
	r.ID, r.Job = text, text
	err := l.SaveJobs(ctx, []ledger.Job{{Name: "a"}, {Name: text}}, begin())
	if (err == nil) != good {
		t.Fatalf("a job named %.40q: %v", text, err)
	}
	if !good {
		return
	}
	want(t, must(l.Fire(ctx, text, hours(1), []ledger.Run{r}))(t), []ledger.Run{r})
	want(t, must(l.Run(ctx, text))(t), r)
	want(t, ids(must(l.Runs(ctx, ledger.RunFilter{Job: text}))(t)), []string{text})
	want(t, must(l.Job(ctx, text))(t).Cursor, hours(1))
	ok(t, l.SetSetting(ctx, text, text))
	value, _, err := l.Setting(ctx, text)
	ok(t, err)
	want(t, value, text)
	ok(t, l.AskCancel(ctx, text))
}
