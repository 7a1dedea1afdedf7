package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/config"
)

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a commented fleetscore.yaml, and the folders it speaks of",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return initFolder(cmd, dir)
		},
	}
}

func initFolder(cmd *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, config.DefaultName)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; nothing was changed", path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(config.Init())
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "fleetscore-data", "models"), 0o755); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\nnext: fleetscore models push FOLDER, then fleetscore up\n", path)
	return nil
}
