-- +goose Up
-- What is remarkable of a run that did not fail.
ALTER TABLE runs ADD COLUMN note TEXT COLLATE "C" NOT NULL DEFAULT '';
