//go:build !linux

package python

import "os"

// widen leaves a pipe as it is.
func widen(*os.File) {}
