package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

func message(receiver string, n int) ledger.Message {
	return ledger.Message{
		Receiver: receiver, ID: fmt.Sprintf("event-%d", n), Type: "run.failed", Subject: "a/1", OrderingKey: "a", Body: `{"id":"温度 <&>"}`,
		State: ledger.MessageWaiting, Created: hours(n), Due: hours(n), Expires: hours(n + 72),
	}
}

// untold checks that a run that ends is to be told of, once, until that is enqueued.
func untold(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	var runs []ledger.Run
	for n := range 4 {
		r := run("a", n, ledger.Manual)
		ok(t, l.AddRun(ctx, r))
		runs = append(runs, r)
	}
	left := func() []string { return ids(must(l.Untold(ctx, 10))(t)) }
	runs[0].State = ledger.Running
	ok(t, l.SaveRun(ctx, runs[0]))
	want(t, left(), []string{})
	// They are told in the order in which they end.
	for _, n := range []int{2, 0, 1} {
		runs[n].State = []ledger.RunState{ledger.Succeeded, ledger.Failed, ledger.Canceled}[n]
		ok(t, l.SaveRun(ctx, runs[n]))
	}
	want(t, left(), []string{runs[2].ID, runs[0].ID, runs[1].ID})
	want(t, ids(must(l.Untold(ctx, 2))(t)), []string{runs[2].ID, runs[0].ID})
	want(t, must(l.Untold(ctx, 1))(t)[0].State, ledger.Canceled)

	// Both are done, or neither.
	bad := message("ops", 1)
	bad.Body = "\xff"
	if err := l.Enqueue(ctx, []ledger.Message{message("ops", 0), bad}, runs[2].ID); err == nil {
		t.Error("a message that is not UTF-8 is taken")
	}
	want(t, len(left()), 3)
	want(t, len(must(l.Messages(ctx, ledger.MessageFilter{}))(t)), 0)
	ok(t, l.Enqueue(ctx, []ledger.Message{message("ops", 0)}, runs[2].ID))
	want(t, left(), []string{runs[0].ID, runs[1].ID})

	// Saved again as it is, a run is not to be told again.
	ok(t, l.SaveRun(ctx, runs[2]))
	want(t, left(), []string{runs[0].ID, runs[1].ID})
	ok(t, l.Close())
	l = open(t, database)
	want(t, left(), []string{runs[0].ID, runs[1].ID})
	must(l.Prune(ctx, hours(100)))(t)
	want(t, left(), []string{})
}

func outbox(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	var all []ledger.Message
	for n := range 4 {
		all = append(all, message("ops", n), message("chat", n))
	}
	ok(t, l.Enqueue(ctx, all))
	ok(t, l.Enqueue(ctx, all)) // which changes nothing
	list := func(f ledger.MessageFilter) (found []string) {
		for _, m := range must(l.Messages(ctx, f))(t) {
			found = append(found, fmt.Sprintf("%s %s %s %d", m.Receiver, m.ID, m.State, m.Attempts))
		}
		return found
	}
	got := must(l.Messages(ctx, ledger.MessageFilter{Receiver: "ops"}))(t)
	for n, m := range got {
		all[2*n].Seq = m.Seq
		want(t, m, all[2*n])
	}
	want(t, list(ledger.MessageFilter{Receiver: "ops", After: got[1].Seq, Limit: 1}), []string{"ops event-2 waiting 0"})
	want(t, list(ledger.MessageFilter{ID: "event-3"}), []string{"ops event-3 waiting 0", "chat event-3 waiting 0"})
	one := must(l.Message(ctx, got[2].Seq))(t)
	want(t, one, got[2])

	ok(t, l.Settle(ctx, []ledger.Settled{
		{Seq: got[0].Seq, Delivered: true}, {Seq: got[1].Seq, State: ledger.MessageDead, Due: hours(5), Attempts: 9, Error: "410"},
		{Seq: got[2].Seq, State: ledger.MessageHeld}, {Seq: got[3].Seq, State: ledger.MessageWaiting, Due: hours(6), Attempts: 1, Error: "500"}, {Seq: 1 << 40, Delivered: true},
	}))
	want(t, list(ledger.MessageFilter{Receiver: "ops"}), []string{"ops event-1 dead 9", "ops event-2 held 0", "ops event-3 waiting 1"})
	_, err := l.Message(ctx, got[0].Seq)
	wantError(t, err, ledger.ErrNotFound)
	want(t, must(l.Message(ctx, got[3].Seq))(t).Due, hours(6))
	want(t, must(l.Backlogs(ctx))(t), []ledger.Backlog{
		{Receiver: "chat", State: ledger.MessageWaiting, Count: 4, Oldest: hours(0)}, {Receiver: "ops", State: ledger.MessageDead, Count: 1, Oldest: hours(1)},
		{Receiver: "ops", State: ledger.MessageHeld, Count: 1, Oldest: hours(2)}, {Receiver: "ops", State: ledger.MessageWaiting, Count: 1, Oldest: hours(3)},
	})

	ok(t, l.Summarize(ctx, message("ops", 7), got[2].Seq))
	want(t, list(ledger.MessageFilter{Receiver: "ops"}), []string{"ops event-1 dead 9", "ops event-3 waiting 1", "ops event-7 waiting 0"})
	want(t, must(l.Revive(ctx, "ops", "event-2", hours(9), hours(99)))(t), 0)
	want(t, must(l.Revive(ctx, "ops", "event-3", hours(8), hours(98)))(t), 1)
	want(t, must(l.Message(ctx, got[3].Seq))(t).Due, hours(8))
	want(t, must(l.Revive(ctx, "ops", "event-1", hours(9), hours(99)))(t), 1)
	revived := must(l.Message(ctx, got[1].Seq))(t)
	want(t, []any{revived.State, revived.Due, revived.Expires, revived.Attempts}, []any{ledger.MessageWaiting, hours(9), hours(99), 0})

	want(t, must(l.Orphan(ctx, []string{"ops"}, "there is no such receiver"))(t), 4)
	want(t, must(l.Orphan(ctx, []string{"ops"}, "there is no such receiver"))(t), 0)
	want(t, list(ledger.MessageFilter{State: ledger.MessageDead, Limit: 1}), []string{"chat event-0 dead 0"})
	must(l.Prune(ctx, hours(2)))(t)
	want(t, len(list(ledger.MessageFilter{Receiver: "chat"})), 2)
	want(t, must(l.Revive(ctx, "chat", "", hours(9), hours(99)))(t), 2)
}

func mutes(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	mute := func(id string, ends int) ledger.Mute {
		return ledger.Mute{ID: id, Pattern: "pump-7/*", Job: "a", Recovered: ends == 9, Ends: hours(ends), Reason: "bearing", Who: "admin", Created: begin().Add(time.Duration(ends) * time.Minute)}
	}
	short, long := mute("x", 2), mute("y", 9)
	ok(t, l.AddMute(ctx, short))
	ok(t, l.AddMute(ctx, long))
	want(t, must(l.Mutes(ctx, hours(1)))(t), []ledger.Mute{long, short})
	want(t, must(l.Mutes(ctx, hours(2)))(t), []ledger.Mute{long})
	want(t, must(l.RemoveMute(ctx, "y"))(t), long)
	_, err := l.RemoveMute(ctx, "y")
	wantError(t, err, ledger.ErrNotFound)
	for _, bad := range []ledger.Mute{{Pattern: "x"}, {ID: "z"}, {ID: "z", Pattern: "\xff"}} {
		if l.AddMute(ctx, bad) == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	later := mute("z", 50)
	later.Created = hours(3)
	ok(t, l.AddMute(ctx, later)) // and what has ended goes
	want(t, must(l.Mutes(ctx, begin()))(t), []ledger.Mute{later})
}
