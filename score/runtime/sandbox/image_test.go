//go:build runtimes

package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/internal/testkit/containers"
)

// podman runs it, for what a user does by hand, also after a test.
func podman(t *testing.T, args ...string) {
	t.Helper()
	if said, err := exec.Command("podman", args...).CombinedOutput(); err != nil {
		t.Fatalf("podman %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

// small makes an image with one file, so that each is another.
func small(t *testing.T, name, content string) {
	t.Helper()
	folder := t.TempDir()
	containers.Write(t, filepath.Join(folder, "Dockerfile"), "FROM scratch\nCOPY content /content\n")
	containers.Write(t, filepath.Join(folder, "content"), content)
	podman(t, "build", "--quiet", "--tag", name, folder)
	t.Cleanup(func() { podman(t, "rmi", "--force", name) })
}

// TestImages pins an image of a registry that asks who one is, and pulls it by its digest, and no later one.
func TestImages(t *testing.T) {
	containers.Setenv(t)
	auth := filepath.Join(t.TempDir(), "auth.json")
	t.Setenv("REGISTRY_AUTH_FILE", auth)
	address := containers.Registry(t, true)
	image := address + "/fleet/predict:latest"
	podman(t, "login", "--username", containers.User, "--password", containers.Password, address)
	small(t, image, "first")
	podman(t, "push", "--quiet", image)

	first, err := Pin(t.Context(), image)
	if err != nil || !strings.HasPrefix(first, address+"/fleet/predict@sha256:") {
		t.Fatalf("%s: %v", first, err)
	}
	if again, err := Pin(t.Context(), first); again != first || err != nil {
		t.Errorf("%s is %s then: %v", first, again, err)
	}
	small(t, image, "second")
	podman(t, "push", "--quiet", image)
	second, err := Pin(t.Context(), image)
	if err != nil || second == first {
		t.Errorf("a newer image is not seen: %s: %v", second, err)
	}

	// Another node has neither. The first has lost its name here to the second.
	podman(t, "rmi", "--force", second)
	podman(t, "image", "prune", "--force")
	if _, err := Find(t.Context(), Container, first); err != nil {
		t.Fatal(err)
	}
	e, err := findEngine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.digest(t.Context(), first); got != first || err != nil {
		t.Errorf("%s was pulled for %s: %v", got, first, err)
	}
	// While the registry is there, and after, what is here is not asked for.
	podman(t, "logout", address)
	if _, err := Find(t.Context(), Container, first); err != nil {
		t.Errorf("it was here: %v", err)
	}
	podman(t, "rmi", "--force", first)
	if _, err := Find(t.Context(), Container, first); err == nil || !strings.Contains(err.Error(), "podman login") {
		t.Errorf("what to do is not told: %v", err)
	}
}

// TestImagesOfThisMachine are called by their number, also when their name is another's, and no registry is asked.
func TestImagesOfThisMachine(t *testing.T) {
	containers.Setenv(t)
	name := "fleetscore-test-own"
	small(t, name, "own")
	for _, called := range []string{name, "localhost/" + name, name + ":latest"} {
		pinned, err := Pin(t.Context(), called)
		if err != nil || !strings.HasPrefix(pinned, "sha256:") {
			t.Fatalf("%s: %s: %v", called, pinned, err)
		}
		small(t, name, "rebuilt for "+called) // the one that was pinned has lost its name
		if _, err := Find(t.Context(), Container, pinned); err != nil {
			t.Errorf("%s: %v", pinned, err)
		}
	}
	for _, wrong := range []string{"", "--privileged", "a b"} {
		if _, err := Pin(t.Context(), wrong); err == nil {
			t.Errorf("%q is an image", wrong)
		}
	}
}

// TestContainerWithoutProgram says what to look at. It has once taken as long as it was let.
func TestContainerWithoutProgram(t *testing.T) {
	containers.Setenv(t)
	folder := t.TempDir()
	containers.Write(t, filepath.Join(folder, "Dockerfile"), "FROM scratch\nCOPY --chmod=755 program /program\n")
	program, err := os.ReadFile(python) // its libraries are not in the image
	if err != nil {
		t.Fatal(err)
	}
	containers.Write(t, filepath.Join(folder, "program"), string(program))
	name := "localhost/fleetscore-test-bare"
	podman(t, "build", "--quiet", "--tag", name, folder)
	defer podman(t, "rmi", "--force", name)
	box, err := Find(t.Context(), Container, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, argv := range [][]string{{"/program"}, {"/missing"}} {
		p, err := box.Start(t.Context(), &Spec{Argv: argv, Scratch: t.TempDir(), Limits: poisonLimits})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(); err == nil {
			t.Errorf("%s ran", argv)
		} else {
			t.Log(err)
		}
	}
}
