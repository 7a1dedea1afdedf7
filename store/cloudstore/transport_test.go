package cloudstore

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestImpatient: a connection fails after silence, and not before.
func TestImpatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		defer theirs.Close()
		start := time.Now()
		go func() { // answers late, but not too late
			p := make([]byte, 1)
			for range 3 {
				<-time.After(silence - time.Second)
				_, _ = theirs.Read(p)
				_, _ = theirs.Write(p)
			}
		}()
		conn, p := impatient{ours, silence}, make([]byte, 1)
		for range 3 {
			if _, err := conn.Write(p); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Read(p); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := conn.Read(p); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		if took, want := time.Since(start), 3*(silence-time.Second)+silence; took != want {
			t.Errorf("it took %v, want %v", took, want)
		}
	})
}
