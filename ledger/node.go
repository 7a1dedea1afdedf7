package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

const nodeColumns = "id, executor, state, pid, tasks, done, started, ready, ended, detail"

// isAlive must be word for word what the index says.
const isAlive = "state NOT IN ('ended', 'failed')"

func scanNode(n *fleet.Node) []any {
	return []any{&n.ID, &n.Executor, &n.State, &n.PID, &n.Tasks, &n.Done, timeColumn{&n.Started}, timeColumn{&n.Ready}, timeColumn{&n.Ended}, &n.Detail}
}

// SaveNode writes how a node stands.
func (l *Ledger) SaveNode(ctx context.Context, n fleet.Node) error {
	err := checkName("node", n.ID)
	if err == nil {
		err = l.write(ctx, func(tx session) error {
			_, err := tx.exec(ctx, "INSERT INTO nodes ("+nodeColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (id) DO UPDATE SET executor = excluded.executor, state = excluded.state, pid = excluded.pid, tasks = excluded.tasks,
				done = excluded.done, started = excluded.started, ready = excluded.ready, ended = excluded.ended, detail = excluded.detail`,
				n.ID, clip(n.Executor), clip(string(n.State)), n.PID, n.Tasks, n.Done, stored(n.Started), stored(n.Ready), stored(n.Ended), clip(n.Detail))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("saving node %.80q: %w", n.ID, err)
	}
	return nil
}

const nodesQuery = "SELECT " + nodeColumns + " FROM nodes WHERE " + isAlive +
	" UNION ALL SELECT " + nodeColumns + " FROM nodes WHERE NOT (" + isAlive + ") AND ended >= ? ORDER BY started NULLS FIRST, id"

// Nodes lists the nodes that are there, or that ended since then, by when they
// were started.
func (l *Ledger) Nodes(ctx context.Context, since time.Time) ([]fleet.Node, error) {
	nodes, err := rows(ctx, l.read(), scanNode, nodesQuery, since.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("reading nodes: %w", l.explain(err))
	}
	return nodes, nil
}

// EndNodes notes that all nodes have failed that the ledger takes to be there:
// those of an earlier process, which could not tell how they ended.
func (l *Ledger) EndNodes(ctx context.Context, now time.Time, detail string) error {
	err := l.write(ctx, func(tx session) error {
		_, err := tx.exec(ctx, "UPDATE nodes SET state = 'failed', tasks = 0, ended = ?, detail = ? WHERE "+isAlive, now.UnixMicro(), clip(detail))
		return err
	})
	if err != nil {
		return fmt.Errorf("ending the nodes of an earlier process: %w", err)
	}
	return nil
}
