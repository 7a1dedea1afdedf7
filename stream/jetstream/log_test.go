package jetstream

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/stream/streamtest"
)

func openTest(t *testing.T, at streamtest.Place) stream.Log {
	t.Helper()
	l, err := Open(t.Context(), Config{Dir: at.Dir, Partitions: streamtest.Partitions, MaxBytes: at.MaxBytes, Now: at.Now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestContract(t *testing.T) {
	defer goleak.VerifyNone(t)
	streamtest.Run(t, openTest)
}
