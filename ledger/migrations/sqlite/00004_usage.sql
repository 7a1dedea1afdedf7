-- +goose Up
-- What a run asked of the store, as JSON; NULL is nothing.
ALTER TABLE runs ADD COLUMN usage TEXT;
