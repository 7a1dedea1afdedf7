// Command gen writes the OpenAPI document of the API to a file.
package main

import (
	"fmt"
	"os"

	"github.com/fleetscore/fleetscore/web"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give the file to write")
	}
	document, err := web.Document()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], document, 0o644)
}
