//go:build !linux

package sandbox

import (
	"context"
	"errors"
)

// bounds is how the limits of programs hold: here they do not.
type bounds struct{}

func findBounds() (*bounds, error) { return &bounds{}, nil }

func (*bounds) String() string { return "and no limits but that of the disk" }

func (*bounds) weak() bool { return true }

func (*bounds) launch(_ Limits, argv []string) (*launch, error) { return &launch{argv: argv}, nil }

// group is a control group, which this system does not have.
type group struct{}

func (*group) kill() {}

func (*group) remove() error { return nil }

// settle waits for nothing: a number is not given again within the moment after its process was reaped.
func settle(int) {}

// bubblewrap is not there.
type bubblewrap struct{ none }

func findBubblewrap(context.Context) (*bubblewrap, error) {
	return nil, errors.New("there is bubblewrap on Linux only")
}
