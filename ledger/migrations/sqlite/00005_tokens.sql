-- +goose Up
-- Tokens that are let in: of each the SHA-256 of its secret, in hexadecimal digits.
-- Patterns of devices are a JSON list; NULL is none.
CREATE TABLE tokens (
    id      TEXT PRIMARY KEY NOT NULL,
    name    TEXT NOT NULL,
    role    TEXT NOT NULL,
    hash    TEXT NOT NULL,
    devices TEXT,
    maker   TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER,
    used    INTEGER
) WITHOUT ROWID;

-- A name is that of one token at a time.
CREATE UNIQUE INDEX tokens_name ON tokens (name) WHERE revoked IS NULL;

-- Signed tokens that are not let in any more.
CREATE TABLE revocations (
    id      TEXT PRIMARY KEY NOT NULL,
    at      INTEGER NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;

-- Where a change was asked for from.
ALTER TABLE trail ADD COLUMN origin TEXT NOT NULL DEFAULT '';
