package sandbox

import (
	"context"
	"fmt"
)

// Kinds of sandboxes that can be asked for.
const (
	Auto       = "auto"
	Bubblewrap = "bubblewrap"
	Container  = "container"
	None       = "none"
)

// Kind is what is meant by what was asked for: auto is a container where there is an image,
// and else bubblewrap.
func Kind(asked, image string) string {
	switch {
	case asked != Auto && asked != "":
		return asked
	case image != "":
		return Container
	}
	return Bubblewrap
}

// Find finds the sandbox that is asked for, and tries whether it works. A container needs an
// image, which is pulled if it is not there yet.
func Find(ctx context.Context, kind, image string) (Sandbox, error) {
	switch kind := Kind(kind, image); {
	case image != "" && (kind == Bubblewrap || kind == None):
		return nil, fmt.Errorf("sandbox: %s runs no image, and image: %s is set: leave one of them out", kind, image)
	case kind == Bubblewrap:
		box, err := findBubblewrap(ctx)
		if err != nil {
			return nil, unconfined{err}
		}
		return box, nil
	case kind == Container:
		return findContainer(ctx, image)
	case kind == None:
		b, err := findBounds()
		return none{b}, err
	}
	return nil, fmt.Errorf("sandbox: %s is not known: it is auto, bubblewrap, container or none", kind)
}

// Found is a sandbox of this machine, or why there is none.
type Found struct {
	Kind   string // Bubblewrap or Container
	Detail string // what it is, and how its limits hold
	// Weak is whether limits hold for each process alone.
	Weak bool
	Err  error
}

// Look says which sandboxes there are, whatever images.
func Look(ctx context.Context) []Found {
	b := Found{Kind: Bubblewrap}
	if box, err := findBubblewrap(ctx); err == nil {
		b.Detail, b.Weak = box.String(), box.weak()
	} else {
		b.Err = err
	}
	c := Found{Kind: Container}
	if e, err := findEngine(ctx); err == nil {
		c.Detail = e.name + " " + e.version
	} else {
		c.Err = err
	}
	return []Found{b, c}
}

// unconfined is that nothing confines a program.
type unconfined struct{ error }

func (e unconfined) Error() string {
	return fmt.Sprintf("foreign programs run in a sandbox only, and there is none: %v. Install bubblewrap, or give an image and install podman or docker; "+
		"or say sandbox: none, if the programs and models may do all that this service may", e.error)
}

func (e unconfined) Unwrap() error { return e.error }
