-- Times are microseconds since 1970, UTC; NULL is never. Columns of counts,
-- causes, seconds and progress are JSON as package fleet writes it; NULL is all 0.

-- +goose Up
-- The one row says which process may change the ledger: each that takes over raises
-- the epoch. Turn is the number of its last change, and holder names it.
CREATE TABLE lease (
    one    BOOLEAN PRIMARY KEY CHECK (one),
    epoch  BIGINT NOT NULL,
    turn   BIGINT NOT NULL,
    holder TEXT COLLATE "C" NOT NULL
) WITH (fillfactor = 10);
INSERT INTO lease VALUES (TRUE, 0, 0, '');

CREATE TABLE jobs (
    name      TEXT COLLATE "C" PRIMARY KEY,
    spec      TEXT COLLATE "C" NOT NULL,
    priority  BIGINT NOT NULL,
    paused    BOOLEAN NOT NULL,
    removed   BOOLEAN NOT NULL,
    cursor    BIGINT,
    -- the end of the latest interval whose scheduled run was pruned
    pruned_to BIGINT,
    updated   BIGINT NOT NULL
);

CREATE TABLE runs (
    id            TEXT COLLATE "C" PRIMARY KEY,
    job           TEXT COLLATE "C" NOT NULL,
    interval_from BIGINT NOT NULL,
    interval_to   BIGINT NOT NULL,
    origin        TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    priority      BIGINT NOT NULL,
    rev           BIGINT NOT NULL,
    retry_of      TEXT COLLATE "C" NOT NULL,
    created       BIGINT NOT NULL,
    started       BIGINT,
    finished      BIGINT,
    generation    BIGINT NOT NULL,
    tasks         BIGINT NOT NULL,
    tasks_done    BIGINT NOT NULL,
    counts        TEXT COLLATE "C",
    causes        TEXT COLLATE "C",
    error         TEXT COLLATE "C" NOT NULL,
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
    run        TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    task       BIGINT NOT NULL,
    attempt    BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    node       TEXT COLLATE "C" NOT NULL,
    cost       DOUBLE PRECISION NOT NULL,
    queued     BIGINT,
    started    BIGINT,
    finished   BIGINT,
    detail     TEXT COLLATE "C" NOT NULL,
    seconds    TEXT COLLATE "C",
    counts     TEXT COLLATE "C",
    progress   TEXT COLLATE "C",
    PRIMARY KEY (run, generation, task, attempt)
);

CREATE TABLE nodes (
    id       TEXT COLLATE "C" PRIMARY KEY,
    executor TEXT COLLATE "C" NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,
    pid      BIGINT NOT NULL,
    tasks    BIGINT NOT NULL,
    done     BIGINT NOT NULL,
    started  BIGINT,
    ready    BIGINT,
    ended    BIGINT,
    detail   TEXT COLLATE "C" NOT NULL
);

CREATE INDEX nodes_alive ON nodes (started, id) WHERE state NOT IN ('ended', 'failed');
CREATE INDEX nodes_ended ON nodes (ended);

CREATE TABLE settings (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE trail (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT,
    who     TEXT COLLATE "C" NOT NULL,
    action  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    detail  TEXT COLLATE "C" NOT NULL
);

-- +goose Down
DROP TABLE trail;
DROP TABLE settings;
DROP TABLE nodes;
DROP TABLE attempts;
DROP TABLE runs;
DROP TABLE jobs;
DROP TABLE lease;
