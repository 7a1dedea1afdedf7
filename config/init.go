package config

import (
	_ "embed"
	"slices"
)

//go:embed init.yaml
var initial []byte

// Init is the commented file that a new deployment begins with.
func Init() []byte { return slices.Clone(initial) }
