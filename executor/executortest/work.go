package executortest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/fleetscore/fleetscore/fleet"
)

// Do does what the manifest says, "verb argument":
//
//	nothing          is done at once
//	mark folder      makes a file of the task's name, which must not be there
//	fail text        fails with the text
//	exit             ends the process with status 3
//	kill             kills the process
//	panic text       panics with the text, after much else was said
//	stop             stops the process, as a debugger does
//	gate pipe        waits until the other end of the named pipe is opened
//	obey             waits until it is canceled
//	deaf pipe        holds the pipe open, and waits for ever
//	hog              takes memory, more and more
//	leave pipe       starts a process that holds the pipe open, and panics
//	grow pipe        the same, and waits for ever
//	freeze pipe      holds the pipe open, and stops the process
//	spin pipe        holds the pipe open, and keeps all cores busy for ever
//	signal number    sends a signal to the process, and is done
//	count            tells progress, and then waits until it is canceled
func Do(ctx context.Context, manifest string, task fleet.Task, progress func(fleet.Progress)) error {
	verb, argument, _ := strings.Cut(manifest, " ")
	switch verb {
	case "nothing":
		return nil
	case "mark":
		f, err := os.OpenFile(filepath.Join(argument, task.String()), os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		return f.Close()
	case "fail":
		return errors.New(argument)
	case "unserved":
		return fmt.Errorf("%w: %s", fleet.ErrUnserved, argument)
	case "exit":
		os.Exit(3)
	case "kill":
		return signalSelf(syscall.SIGKILL)
	case "panic":
		fmt.Fprintln(os.Stderr, strings.Repeat("something was said\n", 10_000))
		panic(argument)
	case "stop":
		return signalSelf(syscall.SIGSTOP)
	case "gate":
		f, err := os.Open(argument)
		if err != nil {
			return err
		}
		return f.Close()
	case "obey":
		<-ctx.Done()
		return context.Cause(ctx)
	case "deaf":
		hold(argument)
		select {}
	case "hog":
		hog()
	case "leave", "grow":
		if err := startSleeper(ctx, argument); err != nil {
			return err
		}
		if verb == "leave" {
			panic("left")
		}
		select {}
	case "freeze":
		hold(argument)
		return signalSelf(syscall.SIGSTOP)
	case "spin":
		hold(argument)
		for range runtime.GOMAXPROCS(0) {
			go spin()
		}
		select {}
	case "signal":
		number, err := strconv.Atoi(argument)
		if err != nil {
			return err
		}
		return syscall.Kill(os.Getpid(), syscall.Signal(number))
	case "count":
		progress(fleet.Progress{Sensors: 3, Rows: 100})
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return fmt.Errorf("%.100q is no task", manifest)
}

func signalSelf(s syscall.Signal) error {
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		return err
	}
	select {}
}

// hold opens a named pipe, says so through it, and has it open for as long as the
// process lives.
func hold(pipe string) {
	fd, err := syscall.Open(pipe, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
	if err == nil {
		_, err = syscall.Write(fd, []byte{'\n'})
	}
	if err != nil {
		panic(err)
	}
}

// startSleeper returns when the process that it starts holds the pipe.
func startSleeper(ctx context.Context, pipe string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), self, pipe) //nolint:gosec // itself
	cmd.Env = environment(asSleeper)
	// It holds the node's pipes too, so that their ends do not tell of the node's.
	cmd.Stderr, cmd.ExtraFiles = os.Stderr, []*os.File{os.Stdout}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = out.Read(make([]byte, 1))
	return err
}

func spin() {
	for x := uint32(1); ; x *= 3 {
		if x == 0 { // never: it is odd
			return
		}
	}
}

func hog() {
	var all [][]byte
	for {
		block := make([]byte, 8<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		all = append(all, block)
		if len(all) == 1<<10 {
			panic("8 GiB were not enough")
		}
	}
}
