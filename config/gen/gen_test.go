package main

import (
	"os"
	"testing"
)

// TestGenerated finds settings that were changed without go generate.
func TestGenerated(t *testing.T) {
	schema, err := os.ReadFile("../" + schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(schema) != string(schemaJSON()) {
		t.Errorf("%s is old: run go generate ./config", schemaFile)
	}
	page, err := os.ReadFile("../" + docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if made, err := withTables(string(page)); err != nil || made != string(page) {
		t.Errorf("%s is old (%v): run go generate ./config", docsFile, err)
	}
}
