-- +goose Up
-- How many nodes there should be, and why; signals are JSON as package pool writes it.
CREATE TABLE decisions (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    target  INTEGER NOT NULL,
    formula TEXT NOT NULL,
    signals TEXT NOT NULL,
    reason  TEXT NOT NULL,
    error   TEXT NOT NULL
);
CREATE INDEX decisions_at ON decisions (at);

-- +goose Down
DROP TABLE decisions;
