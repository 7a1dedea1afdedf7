package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

// service is a running `fleetscore up`.
type service struct {
	ctx    context.Context
	cmd    *exec.Cmd
	client *client.Client
}

// idleAfter is how long nodes stay without work.
const idleAfter = 500 * time.Millisecond

func start(ctx context.Context, program, folder, jobs string) (*service, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	settings := fmt.Sprintf("store: ./data\nlisten: %s\ningest: {mqtt: off}\npool: {idle: %s}\nlog: {level: warn}\njobs:%s", address, idleAfter, jobs)
	if err := os.WriteFile(filepath.Join(folder, "fleetscore.yaml"), []byte(settings), 0o600); err != nil {
		return nil, err
	}
	s := &service{ctx: ctx, cmd: exec.CommandContext(ctx, program, "up")}
	s.cmd.Dir, s.cmd.Stderr = folder, os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		secret, err := os.ReadFile(filepath.Join(folder, "data", ".fleetscore", "token"))
		if err == nil {
			if s.client, err = client.New("http://"+address, strings.TrimSpace(string(secret))); err != nil {
				return nil, err
			}
			if _, err := s.client.Status(ctx); err == nil {
				return s, nil
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	s.stop()
	return nil, errors.New("the service does not answer")
}

func (s *service) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// measured is one run.
type measured struct {
	run     *web.Run
	seconds float64 // from its making to its commit
	first   float64 // from its first task's submission to its start
	memory  float64 // MiB, of the largest node at its largest
}

// measure runs the job, from zero nodes.
func (s *service) measure() (*measured, error) {
	for len(s.nodes()) > 0 {
		<-time.After(50 * time.Millisecond)
	}
	r, err := s.client.RunJob(s.ctx, "measured", web.RunRequest{Interval: &web.IntervalRequest{From: hour.From, To: hour.To}})
	if err != nil {
		return nil, err
	}
	m := &measured{}
	for !r.Final() {
		for _, pid := range s.nodes() {
			m.memory = max(m.memory, status(pid, "VmHWM:")/1024)
		}
		<-time.After(20 * time.Millisecond)
		if r, err = s.client.Run(s.ctx, r.ID); err != nil {
			return nil, err
		}
	}
	if r.State != "succeeded" {
		return nil, fmt.Errorf("run %s %s: %s", r.ID, r.State, r.Error)
	}
	m.run, m.seconds = r, r.Finished.Sub(r.Created).Seconds()
	tasks, err := s.client.Tasks(s.ctx, r.ID, client.TaskQuery{Limit: 5000})
	if err != nil {
		return nil, err
	}
	for i, t := range tasks.Attempts {
		if after := t.Started.Sub(t.Queued).Seconds(); i == 0 || after < m.first {
			m.first = after
		}
	}
	return m, nil
}

// nodes lists the processes of nodes.
func (s *service) nodes() (pids []int) {
	pid := s.cmd.Process.Pid
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range tasks {
		text, _ := os.ReadFile(path)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// status is a number of /proc/<pid>/status, in kilobytes.
func status(pid int, name string) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return n
		}
	}
	return 0
}

// idle measures the share of a core that the service uses while it has nothing to
// do, and its memory in MiB.
func (s *service) idle(d time.Duration) (share, memory float64) {
	for len(s.nodes()) > 0 {
		<-time.After(50 * time.Millisecond)
	}
	before := s.ticks()
	<-time.After(d)
	const perSecond = 100 // USER_HZ, which Linux shows to all programs
	return (s.ticks() - before) / perSecond / d.Seconds(), status(s.cmd.Process.Pid, "VmRSS:") / 1024
}

// ticks is how long the service has computed.
func (s *service) ticks() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return user + system
}
