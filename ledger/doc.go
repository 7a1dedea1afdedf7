// Package ledger keeps what a deployment knows of its jobs, runs, attempts and
// nodes, its settings, its tokens, and who changed what.
//
//	l, err := ledger.Open(ctx, "fleetscore-data/.fleetscore/ledger.db")
//	…
//	created, err := l.Fire(ctx, "hourly", cursor, runs)
//
// It decides one thing that nothing else does: an interval of a job is fired once,
// whatever crashes. What came of a run is in the store, and can be found there
// again; a ledger that is lost loses history, not predictions.
//
// # Invariants
//
//   - A call that changes something does all of it or nothing, and what it did is
//     on the disk when it returns nil. A reader sees it whole or not at all.
//   - A job's cursor never moves back. It and the runs that are fired with it are
//     one change.
//   - An interval of a job has one scheduled run, also when that has been pruned.
//   - A run that is asked for is not made while another of its job and interval is
//     not over. The scheduled one is made all the same, so that it is never lost;
//     whoever does the runs does those of a job one after the other.
//   - The state of a run that is over does not change. That it is to be told of is
//     written with its end; that nobody need be told any more, with what is told.
//   - One process at a time has a ledger open. A second is refused with ErrLocked,
//     which names the first.
//
// Nothing runs in the background of a file: an idle ledger costs nothing. One in a
// server asks it every second whether it is still there.
//
// # Text
//
// What people read (details, errors, examples, the trail) may be anything: it is
// made UTF-8 without NUL, and cut at 4 KiB. What names a row, a definition and the
// value of a setting are given back as they were, or refused: they must be UTF-8
// without NUL, of at most 1 KiB (names) or 1 MiB. Times are kept to the microsecond
// and read as UTC; the zero time is stored as NULL.
//
// # Databases
//
// The SQL is what SQLite and PostgreSQL (14 or later) have in common; what they have not
// is behind an interface, dialect. Both pass the suite in ledgertest. The steps that make
// the tables are in migrations, of the same numbers and names for each.
//
// # PostgreSQL
//
// A ledger is in a schema, the first that search_path names: so several can be in one
// database. All changes are made by one session, which holds an advisory lock of the
// schema. Who has lost the session has lost the lock, and cannot commit: a change is one
// transaction of the session, and the server ends both together.
//
// The table lease has one row: the epoch, which each process raises that opens the ledger;
// the turn, a number that each change writes; and who the process is. When a session is
// lost, a new one is made. It goes on if it has the lock and the epoch is the same: then
// nobody else had the ledger, and the turn tells whether a change was committed whose
// answer did not come. If not, it is made again. So nothing is done twice, and a call
// waits up to 10 seconds for a server that does not answer (then ErrAway), also for one
// that takes what it is sent and says nothing; then it may have been made. If the epoch is
// another, the ledger is lost for good (ErrLost, Lost).
//
// The server ends the session when it hears nothing of it for 4 seconds: of a process
// that is stopped, or behind a network that is cut. What is outside the ledger is no part
// of its transactions. So Held says 2 seconds after the last question that was answered that
// the ledger may be another's, and who opens a ledger that was not closed waits 2
// seconds, with the lock, before Open returns.
//
// Session-level locks need sessions: a pooler between must be in session mode. A server
// that fails over to a replica ends all sessions, and lets the first that comes have the
// ledger; a replica that is behind has lost what it has not got, so replicate
// synchronously.
//
// # Files
//
// Beside ledger.db are, while it is open, ledger.db-wal and ledger.db-shm of SQLite,
// which belong to it also when a process was killed; and ledger.db.lock, which is
// locked (flock) by the process that has it open, and holds three lines: its
// process number, its host, its command. It stays, and means nothing, when no
// process holds it. The tables are in migrations/sqlite, whose steps are made when
// a ledger is opened, each in a transaction; a ledger of a newer program is refused.
// PRAGMA application_id, "FLSC", marks the file. It is read with any SQLite tool,
// and copied by Backup, also while it is in use, or with `sqlite3 ledger.db .backup
// copy.db`. A copy of Backup has, behind the last page, where SQLite does not look, a line
// with the SHA-256 of all before it. Restore checks and drops that, and
// keeps what was there as ledger.db.before-<time>.
package ledger
