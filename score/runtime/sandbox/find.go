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

// Find finds the sandbox that is asked for, and tries whether it works. A container needs an
// image, which is pulled if it is not there yet. Auto is a container where there is an image, and else bubblewrap.
func Find(ctx context.Context, kind, image string) (Sandbox, error) {
	if kind == Auto || kind == "" {
		kind = Bubblewrap
		if image != "" {
			kind = Container
		}
	}
	if image != "" && kind != Container {
		return nil, fmt.Errorf("sandbox: %s runs no image, and image: %s is set: leave one of them out", kind, image)
	}
	switch kind {
	case Bubblewrap:
		box, err := findBubblewrap(ctx)
		if err != nil {
			return nil, unconfined{err}
		}
		return box, nil
	case Container:
		box, err := findContainer(ctx, image)
		if err != nil {
			return nil, unconfined{err}
		}
		return box, nil
	case None:
		b, err := findBounds()
		return none{b}, err
	}
	return nil, fmt.Errorf("sandbox: %s is not known: it is auto, bubblewrap, container or none", kind)
}

// unconfined is that nothing confines a program.
type unconfined struct{ error }

func (e unconfined) Error() string {
	return fmt.Sprintf("foreign programs run in a sandbox only, and there is none: %v. Install bubblewrap, or give an image and install podman or docker; "+
		"or say sandbox: none, if the programs and models may do all that this service may", e.error)
}

func (e unconfined) Unwrap() error { return e.error }
