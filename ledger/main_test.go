package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/ledger"
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

// opened opens a ledger; one in a server when its former holder's session has ended,
// which takes the server a moment to see.
func opened(ctx context.Context, place string) (*ledger.Ledger, error) {
	for limit := time.Now().Add(time.Minute); ; {
		l, err := ledger.Open(ctx, place)
		passes := errors.Is(err, ledger.ErrLocked) || errors.Is(err, ledger.ErrAway)
		if !passes || !ledger.IsURL(place) || time.Now().After(limit) {
			return l, err
		}
		<-time.After(20 * time.Millisecond)
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
