-- +goose Up
-- Runs that are over, and nobody has been told of yet, in the order of their ends.
CREATE TABLE untold (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run TEXT COLLATE "C" NOT NULL UNIQUE
);

-- What receivers are to be told. What was delivered is not here any more.
CREATE TABLE messages (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receiver     TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    type         TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    -- those of one receiver and ordering key go one after the other
    ordering_key TEXT COLLATE "C" NOT NULL,
    body         TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    created      BIGINT NOT NULL,
    due          BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    error        TEXT COLLATE "C" NOT NULL,
    UNIQUE (receiver, id)
);

CREATE INDEX messages_state ON messages (receiver, state, seq);

CREATE TABLE mutes (
    id        TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    pattern   TEXT COLLATE "C" NOT NULL,
    job       TEXT COLLATE "C" NOT NULL,
    recovered BOOLEAN NOT NULL,
    ends      BIGINT NOT NULL,
    reason    TEXT COLLATE "C" NOT NULL,
    who       TEXT COLLATE "C" NOT NULL,
    created   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE mutes;
DROP TABLE messages;
DROP TABLE untold;
