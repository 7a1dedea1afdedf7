-- +goose Up
-- Runs that are over, and nobody has been told of yet, in the order of their ends.
CREATE TABLE untold (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL UNIQUE
);

-- What receivers are to be told. What was delivered is not here any more.
CREATE TABLE messages (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    receiver     TEXT NOT NULL,
    id           TEXT NOT NULL,
    type         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    -- those of one receiver and ordering key go one after the other
    ordering_key TEXT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL,
    created      INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    error        TEXT NOT NULL,
    UNIQUE (receiver, id)
);

CREATE INDEX messages_state ON messages (receiver, state, seq);

CREATE TABLE mutes (
    id        TEXT PRIMARY KEY NOT NULL,
    pattern   TEXT NOT NULL,
    job       TEXT NOT NULL,
    recovered BOOLEAN NOT NULL,
    ends      INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    who       TEXT NOT NULL,
    created   INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE mutes;
DROP TABLE messages;
DROP TABLE untold;
