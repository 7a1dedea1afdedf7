package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Pin is an image with its digest, so that all nodes of a run have the same one. It is pulled if
// the registry has a newer one; credentials are where podman or docker look for them. An image that was
// built here and never pushed is called by its number.
func Pin(ctx context.Context, image string) (string, error) {
	if err := checkImage(image); err != nil {
		return "", err
	}
	if strings.Contains(image, "@sha256:") {
		return image, nil
	}
	e, err := findEngine(ctx)
	if err != nil {
		return "", unconfined{err}
	}
	here, missing := e.digest(ctx, image)
	if missing == nil && strings.HasPrefix(here, number) {
		return here, nil
	}
	if err := e.pull(ctx, image); err != nil {
		if missing == nil && ctx.Err() == nil { // the registry is away, and what is here will do
			return here, nil
		}
		return "", err
	}
	return e.digest(ctx, image)
}

// checkImage refuses what an engine would not take as the name of an image.
func checkImage(image string) error {
	if image == "" || image[0] == '-' || strings.ContainsAny(image, " \t\n") {
		return fmt.Errorf("image: %q is not the name of an image", image)
	}
	return nil
}

// number begins the number of an image, which it keeps when its name is another's.
const number = "sha256:"

// digest is how to call an image that is here so that it stays the same one.
func (e *engine) digest(ctx context.Context, image string) (string, error) {
	text, err := e.run(ctx, askFor, "image", "inspect", "--format", `{{.Id}}{{range .RepoDigests}} {{.}}{{end}}`, image)
	if err != nil {
		return "", err
	}
	id, digests, _ := strings.Cut(text, " ")
	// One image may have several names.
	repository, _, _ := strings.Cut(strings.TrimPrefix(image, "localhost/"), "@")
	if slash := strings.LastIndexByte(repository, '/'); strings.LastIndexByte(repository, ':') > slash {
		repository = repository[:strings.LastIndexByte(repository, ':')]
	}
	for digest := range strings.FieldsSeq(digests) {
		name, _, _ := strings.Cut(digest, "@")
		if !strings.HasPrefix(digest, "localhost/") && (name == repository || strings.HasSuffix(name, "/"+repository)) {
			return digest, nil
		}
	}
	return number + strings.TrimPrefix(id, number), nil
}

// pull gets an image from its registry.
func (e *engine) pull(ctx context.Context, image string) error {
	if _, err := e.run(ctx, pullFor, "pull", "--quiet", image); err != nil {
		return fmt.Errorf("pulling %s: %w; if the registry asks who you are, say so by %s login", image, err, e.name)
	}
	return nil
}

// have sees to it that an image is here.
func (e *engine) have(ctx context.Context, image string) error {
	if err := checkImage(image); err != nil {
		return err
	}
	if _, err := e.digest(ctx, image); err == nil {
		return nil
	} else if ctx.Err() != nil {
		return err
	}
	if strings.HasPrefix(image, number) {
		return errors.New("the image " + image + " was built on another machine, and is not here: push it to a registry, and name it as that does")
	}
	return e.pull(ctx, image)
}
