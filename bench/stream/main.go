// Command stream measures the way of readings into windows: the real binary, with
// the simulated fleet as a client process on the same machine.
//
//	go run ./bench/stream -for 10m [-archive] [-steps whole]
//
// It sends 100,000 sensors' readings over HTTP, as fast as they are taken and then at
// a steady rate, over MQTT with 100 connections, asks for windows as soon as they close, and kills the service with ten
// million readings behind its last checkpoint.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func main() {
	log.SetFlags(0)
	b := &bench{}
	flag.StringVar(&b.folder, "folder", ".bench/stream", "folder for data")
	flag.DurationVar(&b.steady, "for", 2*time.Minute, "how long readings come at a steady rate")
	flag.IntVar(&b.rate, "rate", 200_000, "readings a second then")
	flag.StringVar(&b.steps, "steps", "http,mqtt,whole,visible,restart", "what to measure")
	flag.BoolVar(&b.archive, "archive", false, "archive raw readings, too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b.ctx = ctx
	if err := b.run(); err != nil {
		stop()
		log.Fatal(err) //nolint:gocritic // exitAfterDefer: stop has been called
	}
}

type bench struct {
	ctx             context.Context
	folder, program string
	steps           string
	steady          time.Duration
	rate            int
	archive         bool
	api, mqtt       string
	service         *exec.Cmd
	client          *client.Client
}

const devices, tags = 20_000, 5

func (b *bench) run() error {
	var err error
	if b.folder, err = filepath.Abs(b.folder); err != nil {
		return err
	}
	if err := os.MkdirAll(b.folder, 0o755); err != nil {
		return err
	}
	b.program = filepath.Join(b.folder, "fleetscore")
	build := exec.CommandContext(b.ctx, "go", "build", "-o", b.program, "./cmd/fleetscore")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	fmt.Println("| what | measured | notes |\n|-|-|-|")
	for _, step := range []struct {
		name string
		do   func() error
	}{{"http", b.http}, {"mqtt", b.qos1}, {"whole", b.whole}, {"visible", b.visible}, {"restart", b.restart}} {
		if !slices.Contains(strings.Split(b.steps, ","), step.name) {
			continue
		}
		if err := b.fresh(); err != nil {
			return err
		}
		err := step.do()
		b.stop(os.Interrupt)
		if err != nil {
			return err
		}
	}
	return nil
}

// fresh starts a service over nothing.
func (b *bench) fresh() error {
	if err := os.RemoveAll(filepath.Join(b.folder, "data")); err != nil {
		return err
	}
	b.api, b.mqtt = address(), address()
	settings := fmt.Sprintf("store: ./data\nlisten: %s\ningest: {mqtt: %q}\nlog: {level: warn}\nstream: {archive: %t, flush: 1m}\n", b.api, b.mqtt, b.archive)
	if err := os.WriteFile(filepath.Join(b.folder, "fleetscore.yaml"), []byte(settings), 0o600); err != nil {
		return err
	}
	return b.start()
}

func (b *bench) start() error {
	b.service = exec.CommandContext(b.ctx, b.program, "up")
	b.service.Dir, b.service.Stderr = b.folder, os.Stderr
	if err := b.service.Start(); err != nil {
		return err
	}
	for range 200 {
		secret, err := os.ReadFile(filepath.Join(b.folder, "data", ".fleetscore", "token"))
		if err == nil {
			if b.client, err = client.New("http://"+b.api, strings.TrimSpace(string(secret))); err != nil {
				return err
			}
			if _, err := b.client.Stream(b.ctx); err == nil {
				return nil
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	return errors.New("the service does not answer")
}

func (b *bench) stop(signal os.Signal) {
	if b.service.Process.Signal(signal) == nil {
		_ = b.service.Wait() // it was told to end
	}
}

func address() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// simulate runs the client, and gives what it says of itself.
func (b *bench) simulate(args ...string) (acknowledged float64, took time.Duration, err error) {
	all := append([]string{"simulate", "--json", "--devices", strconv.Itoa(devices), "--tags", strconv.Itoa(tags)}, args...)
	cmd := exec.CommandContext(b.ctx, b.program, all...)
	cmd.Dir, cmd.Stderr = b.folder, os.Stderr
	begin := time.Now()
	out, err := cmd.Output()
	took = time.Since(begin)
	var said struct {
		Acknowledged float64 `json:"acknowledged"`
	}
	return said.Acknowledged, took, errors.Join(err, json.Unmarshal(out, &said))
}

func (b *bench) http() error {
	n, took, err := b.simulate("--rate", "1/s", "--back", "90s", "--to", "http://"+b.api)
	if err != nil {
		return err
	}
	row("HTTP, NDJSON batches, durable, as fast as they are taken", "%.0f readings/s", n/took.Seconds(), fmt.Sprintf("%.0f M, memory %.0f MiB", n/1e6, b.memory()))
	return nil
}

func (b *bench) qos1() error {
	n, took, err := b.simulate("--rate", "1/s", "--back", "15s", "--connections", "100", "--to", "mqtt://"+b.mqtt)
	if err != nil {
		return err
	}
	row("MQTT QoS 1, one reading a message, 100 connections", "%.0f readings/s", n/took.Seconds(), "the client takes most of the time")
	return nil
}

// whole sends at a steady rate, and looks when windows are to be seen.
func (b *bench) whole() error {
	done := make(chan error, 1)
	go func() {
		n, took, err := b.simulate("--rate", fmt.Sprintf("%d/m", 60*b.rate/(devices*tags)), "--for", b.steady.String(), "--to", "http://"+b.api)
		if err == nil && n < 0.99*took.Seconds()*float64(b.rate) {
			err = fmt.Errorf("only %.0f of %.0f readings a second were taken", n/took.Seconds(), float64(b.rate))
		}
		done <- err
	}()
	var memory []float64
	for {
		select {
		case err := <-done:
			if err != nil {
				return err
			}
			s, err := b.client.Stream(b.ctx)
			if err != nil {
				return err
			}
			w := s.Windows[0]
			row("HTTP to windows in the store, steady", "%.0f readings/s", float64(b.rate), fmt.Sprintf("%s, %d windows; %s CPU of the service; memory %.0f MiB after a quarter, %.0f at the half, %.0f at the end",
				b.steady, w.Emitted, b.cpu(), memory[len(memory)/4], memory[len(memory)/2], memory[len(memory)-1]))
			if a := s.Archive; a != nil {
				row("archived meanwhile", "%.0f readings", float64(a.Readings), fmt.Sprintf("%d files, %.2f bytes a reading; %d kB held", a.Files, float64(a.Bytes)/float64(max(a.Readings, 1)), a.Held/1000))
			}
			return nil
		case <-time.After(time.Second):
			memory = append(memory, b.memory())
		}
	}
}

// restart kills the service with readings that no checkpoint has.
func (b *bench) restart() error {
	settings := filepath.Join(b.folder, "fleetscore.yaml")
	text, err := os.ReadFile(settings)
	if err != nil {
		return err
	}
	b.stop(os.Interrupt)
	if err := os.WriteFile(settings, bytes.Replace(text, []byte("flush: 1m"), []byte("flush: 1h"), 1), 0o600); err != nil {
		return err
	}
	if err := b.start(); err != nil {
		return err
	}
	n, _, err := b.simulate("--rate", "1/s", "--back", "100s", "--to", "http://"+b.api)
	if err != nil {
		return err
	}
	b.stop(os.Kill)
	begin := time.Now()
	if err := b.start(); err != nil {
		return err
	}
	for {
		s, err := b.client.Stream(b.ctx)
		if err != nil {
			return err
		}
		if counted(s) >= uint64(n) {
			break
		}
		if time.Since(begin) > time.Minute {
			return fmt.Errorf("after a minute %d of %.0f readings are counted", counted(s), n)
		}
		<-time.After(20 * time.Millisecond)
	}
	row("kill -9 → all readings behind the last checkpoint counted again", "%.2f s", time.Since(begin).Seconds(), fmt.Sprintf("%.1f M readings", n/1e6))
	_, err = b.client.Windows(b.ctx, "1m", fleet.Sensor{Device: "device-00001", Tag: "temperature"}, time.Time{}, time.Time{})
	return err
}

func counted(s *web.StreamStatus) (n uint64) {
	for _, w := range s.Windows {
		n += w.Readings["counted"]
	}
	return n
}

// memory is what the service has in memory, in MiB.
func (b *bench) memory() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.service.Process.Pid))
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64)
	return kib / 1024
}

// cpu is the processor time that the service has taken.
func (b *bench) cpu() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", b.service.Process.Pid))
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // of 100 a second, on Linux
}

func row(what, format string, value float64, notes string) {
	fmt.Printf("| %s | "+format+" | %s |\n", what, value, notes)
}
