package executortest

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
)

// Work is what a node does with a task.
type Work = func(ctx context.Context, manifest string, task fleet.Task, progress func(fleet.Progress)) error

// roleName is the variable that says what the test binary is to be.
const roleName = "FLEETSCORE_TEST_ROLE"

// Roles of the test binary.
const (
	asNode     = "node"
	asBroken   = "broken"   // a node that ends before it is ready
	asStranger = "stranger" // something that is no node
	asMoody    = "moody"    // a node if the file moodName names is there
	asSleeper  = "sleeper"  // what a task starts and leaves behind
	asParent   = "parent"   // a process with an executor, to be killed
)

const moodName = "FLEETSCORE_TEST_MOOD"

// Main runs a package's tests, or does what a process of the suite does, by serve
// if that is a node. No test may leave a goroutine.
func Main(m *testing.M, serve func(ctx context.Context, in io.Reader, out io.Writer, run Work) error) {
	switch os.Getenv(roleName) {
	case asNode:
		os.Exit(node(serve))
	case asMoody:
		if _, err := os.Stat(os.Getenv(moodName)); err == nil {
			os.Exit(node(serve))
		}
		fallthrough
	case asBroken:
		fmt.Fprintln(os.Stderr, "last words of a node")
		os.Exit(5)
	case asStranger:
		fmt.Println("usage: I am no node")
		_, _ = io.Copy(io.Discard, os.Stdin)
	case asSleeper:
		hold(os.Args[len(os.Args)-1])
		fmt.Println()
		<-time.After(time.Hour) // to wait for nothing at all would be a deadlock
	default:
		goleak.VerifyTestMain(m)
	}
}

func node(serve func(ctx context.Context, in io.Reader, out io.Writer, run Work) error) int {
	if err := serve(context.Background(), os.Stdin, os.Stdout, Do); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// NodeEnvironment is that of a node that does what it is told.
func NodeEnvironment() []string { return environment(asNode) }

// environment is that of a process with a role.
func environment(role string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, roleName+"=") && !strings.HasPrefix(v, "GOCOVERDIR=") {
			env = append(env, v)
		}
	}
	return append(env, roleName+"="+role)
}
