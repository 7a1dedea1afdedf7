-- +goose Up
-- What runs put into their commits counts; of a run that was given up, nothing does.
ALTER TABLE runs ADD COLUMN committed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE runs SET committed = TRUE WHERE rev > 0 AND (state = 'succeeded' OR state = 'failed' AND error LIKE '%; max_failed allows %');
CREATE INDEX runs_committed ON runs (job, interval_from, interval_to, rev) WHERE committed;

-- Sums over what counts for a job's intervals that begin in an hour.
CREATE TABLE tallies (
    job        TEXT COLLATE "C" NOT NULL,
    hour       BIGINT NOT NULL,
    intervals  BIGINT NOT NULL,
    incomplete BIGINT NOT NULL,
    counts     TEXT COLLATE "C",
    causes     TEXT COLLATE "C",
    usage      TEXT COLLATE "C",
    PRIMARY KEY (job, hour)
);
CREATE INDEX tallies_hour ON tallies (hour);

-- +goose Down
DROP TABLE tallies;
