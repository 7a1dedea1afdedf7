-- +goose Up
-- Tokens that are let in: of each the SHA-256 of its secret, in hexadecimal digits.
-- Patterns of devices are a JSON list; NULL is none.
CREATE TABLE tokens (
    id      TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    role    TEXT COLLATE "C" NOT NULL,
    hash    TEXT COLLATE "C" NOT NULL,
    devices TEXT COLLATE "C",
    maker   TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT,
    used    BIGINT
);

-- A name is that of one token at a time.
CREATE UNIQUE INDEX tokens_name ON tokens (name) WHERE revoked IS NULL;

-- Signed tokens that are not let in any more.
CREATE TABLE revocations (
    id      TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    at      BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

-- Where a change was asked for from.
ALTER TABLE trail ADD COLUMN origin TEXT COLLATE "C" NOT NULL DEFAULT '';
