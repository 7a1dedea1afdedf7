// Package local executes tasks on nodes that are child processes.
//
//	e, err := local.New(local.Config{
//		Command: []string{"/usr/bin/fleetscore", "node"}, Env: os.Environ(), Target: …, Max: 8,
//		TaskEvent: func(e fleet.TaskEvent) { … },
//	})
//
// and, in the process that is started:
//
//	err := local.Serve(ctx, os.Stdin, os.Stdout, run)
//
// # When nodes start and end
//
// How many nodes there should be, Config.Target says, which is asked whenever the
// load changes, every 100 ms while tasks wait, and by Resize. If there are fewer, nodes
// start. If there are more, those that have nothing to do end when they have had nothing to
// do for Config.Idle; a node with a task is let be, but where more are busy than
// there should be, the last to start get nothing more.
//
// A node that does not start is tried again, ever later. After three times in a
// row, if no other node lives, what waits fails.
//
// # What is given to a node
//
// A node has one task, or up to 8 whose expected costs sum to less than 100 ms: it
// has the next small one before it has ended the one before, and does them at
// the same time. All are of one run. So a node that must be killed, because a
// canceled task does not end, takes nothing with it that was to go on.
//
// # The ends of a node
//
// A node dies with its process group, so what it started goes with it. It is
// killed if a task does not end within a second of being asked to, if there was no
// sign of life for Config.Hang while it had tasks, and if it uses more than
// Config.Memory. Where the system does not tell what a process uses (macOS), the
// node looks at itself. The memory of what a node starts is not counted.
//
// When the executor's process dies, however it does, the pipe to a node's standard
// input closes, and the node kills its group at once, whatever it is doing. On
// Linux a signal tells it as well. Nodes ignore SIGTERM as long as their parent
// lives, since service managers send it to all processes of a service, and the
// executor drains then.
//
// # Protocol
//
// Executor and node each write lines of JSON, at most 1 MiB each, to the other:
//
//	→ {"welcome":{"protocol":1,"beat":250000000}}
//	← {"hello":{"protocol":1}}
//	→ {"tasks":[{"id":1,"manifest":"file:///data/runs/r/manifest-0.json","task":{"run":"r","generation":0,"index":0,"attempt":1}}]}
//	← {"started":[1]}
//	← {"progress":[{"id":1,"progress":{"sensors":10,…}}]}
//	→ {"cancel":[1]}
//	← {"ended":[{"id":1,"error":"context canceled"}]}
//	→ {"end":true}
//
// A line holds all that there is to say at the time. Times are in nanoseconds. A
// node with tasks writes a line every "beat", {} if there is nothing to tell.
// Anything else that a node writes to its standard output is its end; its standard
// error is its own, and the last 64 KiB are kept for the day that it fails.
//
// A node finds its name in FLEETSCORE_NODE, and GOMAXPROCS and GOMEMLIMIT (80 % of
// Config.Memory) set, beside Config.Env.
package local
