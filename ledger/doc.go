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
// Nothing runs in the background: an idle ledger costs nothing.
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
// The SQL is what SQLite and PostgreSQL have in common; what they have not is
// behind an interface, dialect. There is SQLite so far. A second one needs: its
// dialect; a way to open it that keeps other processes out (in PostgreSQL, an
// advisory lock) and has changes made by one connection; the steps that make its
// tables, in migrations; and to pass the suite in ledgertest.
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
// copy.db`. Restore keeps what was there as ledger.db.before-<time>.
package ledger
