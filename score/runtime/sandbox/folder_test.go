package sandbox_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

const folderMaker = "FLEETSCORE_TEST_MAKES_FOLDER_IN"

// TestFolderMaker is the process that TestFolder kills.
func TestFolderMaker(t *testing.T) {
	parent := os.Getenv(folderMaker)
	if parent == "" {
		return
	}
	folder, err := sandbox.NewFolder(parent)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder.Path, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString(folder.Path + "\n")
	_, _ = io.ReadAll(os.Stdin) // until it is killed
	_ = folder.Remove()
}

// A folder stays for as long as its maker lives, and is removed by the next one who makes one.
func TestFolder(t *testing.T) {
	t.Parallel()
	parent, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(parent, "fleetscore-scratch-link")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	maker := exec.Command(os.Args[0], "-test.run=^TestFolderMaker$")
	maker.Env = append(os.Environ(), folderMaker+"="+parent)
	stdin, err := maker.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := maker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := maker.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	theirs := strings.TrimSpace(line)
	there := func(path string) bool {
		_, err := os.Lstat(path)
		return err == nil
	}
	next := func() {
		t.Helper()
		folder, err := sandbox.NewFolder(parent)
		if err != nil {
			t.Fatal(err)
		}
		if err := folder.Remove(); err != nil || there(folder.Path) {
			t.Errorf("%s is not removed: %v", folder.Path, err)
		}
	}
	if next(); !there(filepath.Join(theirs, "file")) {
		t.Error("the folder of a process that lives was removed")
	}
	if err := maker.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = maker.Wait() // it was killed
	if next(); there(theirs) {
		t.Error("the folder of a process that was killed is left")
	}
	if !there(elsewhere) {
		t.Error("a link was followed")
	}
}
