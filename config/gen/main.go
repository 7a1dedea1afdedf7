// This program writes what is made from the settings' tags: the JSON Schema,
// docs/fleetscore.schema.json, and the tables in docs/config.md. Run it with go
// generate, in the folder of config.
package main

import (
	"fmt"
	"os"
)

const (
	schemaFile = "../docs/fleetscore.schema.json"
	docsFile   = "../docs/config.md"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generating from the settings:", err)
		os.Exit(1)
	}
}

func generate() error {
	if err := os.WriteFile(schemaFile, schemaJSON(), 0o644); err != nil {
		return err
	}
	old, err := os.ReadFile(docsFile)
	if err != nil {
		return err
	}
	docs, err := withTables(string(old))
	if err != nil {
		return err
	}
	return os.WriteFile(docsFile, []byte(docs), 0o644)
}
