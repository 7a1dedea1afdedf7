-- +goose Up
-- How many nodes there should be, and why; signals are JSON as package pool writes it.
CREATE TABLE decisions (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    target  BIGINT NOT NULL,
    formula TEXT COLLATE "C" NOT NULL,
    signals TEXT COLLATE "C" NOT NULL,
    reason  TEXT COLLATE "C" NOT NULL,
    error   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX decisions_at ON decisions (at);

-- +goose Down
DROP TABLE decisions;
