-- Times are microseconds since 1970, UTC; NULL is never. Columns of counts,
-- causes, seconds and progress are JSON as package fleet writes it; NULL is all 0.

-- +goose Up
CREATE TABLE jobs (
    name      TEXT PRIMARY KEY NOT NULL,
    spec      TEXT NOT NULL,
    priority  INTEGER NOT NULL,
    paused    BOOLEAN NOT NULL,
    removed   BOOLEAN NOT NULL,
    cursor    INTEGER,
    -- the end of the latest interval whose scheduled run was pruned
    pruned_to INTEGER,
    updated   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    id            TEXT PRIMARY KEY NOT NULL,
    job           TEXT NOT NULL,
    interval_from INTEGER NOT NULL,
    interval_to   INTEGER NOT NULL,
    origin        TEXT NOT NULL,
    state         TEXT NOT NULL,
    priority      INTEGER NOT NULL,
    rev           INTEGER NOT NULL,
    retry_of      TEXT NOT NULL,
    created       INTEGER NOT NULL,
    started       INTEGER,
    finished      INTEGER,
    generation    INTEGER NOT NULL,
    tasks         INTEGER NOT NULL,
    tasks_done    INTEGER NOT NULL,
    counts        TEXT,
    causes        TEXT,
    error         TEXT NOT NULL,
    complete      BOOLEAN NOT NULL,
    cancel        BOOLEAN NOT NULL
);

-- An interval of a job is scheduled once.
CREATE UNIQUE INDEX runs_scheduled ON runs (job, interval_from, interval_to)
    WHERE origin = 'schedule';
-- Of runs that were asked for, one at a time is at an interval.
CREATE UNIQUE INDEX runs_asked ON runs (job, interval_from, interval_to)
    WHERE origin <> 'schedule' AND state IN ('queued', 'planning', 'running', 'committing');

CREATE INDEX runs_active ON runs (id)
    WHERE state IN ('queued', 'planning', 'running', 'committing');
CREATE INDEX runs_job ON runs (job, id);
CREATE INDEX runs_interval ON runs (job, interval_from);
CREATE INDEX runs_created ON runs (created);

CREATE TABLE attempts (
    run        TEXT NOT NULL,
    generation INTEGER NOT NULL,
    task       INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    state      TEXT NOT NULL,
    node       TEXT NOT NULL,
    cost       REAL NOT NULL,
    queued     INTEGER,
    started    INTEGER,
    finished   INTEGER,
    detail     TEXT NOT NULL,
    seconds    TEXT,
    counts     TEXT,
    progress   TEXT,
    PRIMARY KEY (run, generation, task, attempt)
) WITHOUT ROWID;

CREATE TABLE nodes (
    id       TEXT PRIMARY KEY NOT NULL,
    executor TEXT NOT NULL,
    state    TEXT NOT NULL,
    pid      INTEGER NOT NULL,
    tasks    INTEGER NOT NULL,
    done     INTEGER NOT NULL,
    started  INTEGER,
    ready    INTEGER,
    ended    INTEGER,
    detail   TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX nodes_alive ON nodes (started, id) WHERE state NOT IN ('ended', 'failed');
CREATE INDEX nodes_ended ON nodes (ended);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE trail (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL
);

-- +goose Down
DROP TABLE trail;
DROP TABLE settings;
DROP TABLE nodes;
DROP TABLE attempts;
DROP TABLE runs;
DROP TABLE jobs;
