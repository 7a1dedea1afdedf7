package executor

import "errors"

// ErrNotRunning is what Submit returns before Start and once Stop was called.
var ErrNotRunning = errors.New("the executor is not running")
