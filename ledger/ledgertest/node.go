package ledgertest

import (
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

func nodes(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	starting := fleet.Node{ID: "c", Executor: "local", State: fleet.NodeStarting, Started: hours(0)}
	busy := fleet.Node{ID: "b", Executor: "local", State: fleet.NodeBusy, PID: 7, Tasks: 2, Done: 3, Started: hours(0), Ready: hours(1)}
	ended := fleet.Node{ID: "a", Executor: "local", State: fleet.NodeEnded, Done: 9, Started: hours(1), Ready: hours(1), Ended: hours(5)}
	failed := fleet.Node{ID: "d", Executor: "local", State: fleet.NodeFailed, Started: hours(2), Ended: hours(6), Detail: "exit status 1"}
	for _, n := range []fleet.Node{{ID: "b", State: fleet.NodeIdle, Detail: "x"}, starting, ended, failed, busy} {
		ok(t, l.SaveNode(ctx, n))
	}
	want(t, must(l.Nodes(ctx, hours(5)))(t), []fleet.Node{busy, starting, ended, failed})
	want(t, must(l.Nodes(ctx, hours(6)))(t), []fleet.Node{busy, starting, failed})
	want(t, must(l.Nodes(ctx, hours(7)))(t), []fleet.Node{busy, starting})

	ok(t, l.EndNodes(ctx, hours(8), "restarted"))
	for _, n := range []*fleet.Node{&busy, &starting} {
		n.State, n.Tasks, n.Ended, n.Detail = fleet.NodeFailed, 0, hours(8), "restarted"
	}
	want(t, must(l.Nodes(ctx, hours(0)))(t), []fleet.Node{busy, starting, ended, failed})
	if err := l.SaveNode(ctx, fleet.Node{}); err == nil {
		t.Error("a node without a name is accepted")
	}
}

func settings(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	if value, has, err := l.Setting(ctx, "k"); value != "" || has || err != nil {
		t.Errorf("a setting that is not there: %q, %v, %v", value, has, err)
	}
	for _, value := range []string{"v", "", "w", "a\nb 温度 \U0001F600 'quoted' %?", strings.Repeat("x", 1<<20)} {
		ok(t, l.SetSetting(ctx, "k", value))
		got, has, err := l.Setting(ctx, "k")
		ok(t, err)
		want(t, got, value)
		want(t, has, true)
	}
	for _, bad := range [][2]string{{"", "v"}, {"a\x00", "v"}, {"\xff", "v"}, {"a", "\xff"}, {"a", "b\x00c"}, {"a", strings.Repeat("x", 1<<20+1)}} {
		if err := l.SetSetting(ctx, bad[0], bad[1]); err == nil {
			t.Errorf("%.50q is accepted", bad)
		}
	}
}

func trail(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	want(t, len(must(l.Trail(ctx, 0, 10))(t)), 0)
	var all []ledger.Entry // newest first
	for n := range 7 {
		e := ledger.Entry{Time: hours(n), Who: "admin", From: "127.0.0.1", Action: "job.pause", Subject: "hourly", Detail: strings.Repeat("x", n)}
		ok(t, l.Note(ctx, e))
		all = append([]ledger.Entry{e}, all...)
	}
	got := must(l.Trail(ctx, 0, 0))(t)
	for i := range got {
		if i > 0 && got[i].ID >= got[i-1].ID {
			t.Errorf("entry %d comes after %d", got[i].ID, got[i-1].ID)
		}
		all[i].ID = got[i].ID
	}
	want(t, got, all)
	want(t, must(l.Trail(ctx, 0, 3))(t), all[:3])
	want(t, must(l.Trail(ctx, all[2].ID, 3))(t), all[3:6])
	want(t, must(l.Trail(ctx, all[5].ID, 3))(t), all[6:])
	want(t, len(must(l.Trail(ctx, all[6].ID, 3))(t)), 0)
}
