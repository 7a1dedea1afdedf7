-- +goose Up
-- What is remarkable of a run that did not fail.
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
