package ledger_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// childRole in the environment makes the test binary one of the processes that
// the tests start; its argument is the path of a ledger.
const childRole = "LEDGER_TEST_CHILD"

func TestMain(m *testing.M) {
	role, path, isChild := strings.Cut(os.Getenv(childRole), " ")
	if !isChild {
		goleak.VerifyTestMain(m)
		return
	}
	var err error
	switch role {
	case "hold":
		err = hold(path)
	case "write":
		err = writeForever(path)
	case "race":
		err = race(path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(t *testing.T, role, path string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), childRole+"="+role+" "+path)
	cmd.Stderr = os.Stderr
	return cmd
}
