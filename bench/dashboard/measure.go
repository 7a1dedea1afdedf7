package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// service is a running `fleetscore up`.
type service struct {
	base  string
	token string
	cmd   *exec.Cmd
	http  *http.Client
}

func (s *scene) start(ctx context.Context, program string) (*service, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	settings := fmt.Sprintf("store: ./data\nlisten: %s\ningest: {mqtt: off}\nstream: {flush: 1s}\nlog: {level: warn}\njobs: {hourly: {schedule: \"0 * * * *\", interval: 1h, paused: true, input: {window: 1m}, models: \"models/{device}/{tag}.pkl\"}}\n", address)
	if err := os.WriteFile(filepath.Join(s.folder, "fleetscore.yaml"), []byte(settings), 0o600); err != nil {
		return nil, err
	}
	v := &service{base: "http://" + address + "/api/v1", cmd: exec.CommandContext(ctx, program, "up"), http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 300}}}
	v.cmd.Dir, v.cmd.Stderr = s.folder, os.Stderr
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		if secret, err := os.ReadFile(filepath.Join(s.data(), ".fleetscore", "token")); err == nil {
			v.token = strings.TrimSpace(string(secret))
			if _, _, err := v.get(ctx, "/status"); err == nil {
				return v, nil
			}
		}
		<-time.After(100 * time.Millisecond)
	}
	v.stop()
	return nil, errors.New("the service does not answer")
}

func (v *service) stop() {
	_ = v.cmd.Process.Signal(syscall.SIGTERM)
	_ = v.cmd.Wait()
}

// get asks, and says how many bytes came and how long it took.
func (v *service) get(ctx context.Context, path string) (int64, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, nil)
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+v.token)
	began := time.Now()
	res, err := v.http.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", path, res.Status)
	}
	return n, time.Since(began), err
}

func (s *scene) measure(ctx context.Context, program string, viewers int, browser bool) error {
	v, err := s.start(ctx, program)
	if err != nil {
		return err
	}
	defer v.stop()
	if err := v.checkpoint(ctx, s); err != nil {
		return err
	}
	// Of the last days the checkpoint must name files, and it names none of ours.
	to := s.end.Truncate(24*time.Hour).AddDate(0, 0, -settled)
	from := to.AddDate(0, 0, -s.days)
	q := url.Values{"device": {s.asked.Device}, "tag": {s.asked.Tag}}.Encode()
	job := "/jobs/hourly"
	fmt.Println("| what | first ms | p50 ms | p95 ms | bytes |\n|-|-|-|-|-|")
	for _, c := range []struct {
		what, path string
		pause      time.Duration // so that no answer is remembered
	}{
		{"overview, 72 hours", "/overview?hours=72", 1100 * time.Millisecond}, {"overview, 30 days", "/overview?hours=720", 1100 * time.Millisecond},
		{"matrix of 48 intervals", job + "/matrix?last=48", 0}, {"its first 200 names", job + "/matrix/rows?last=48", 0}, {"a tile of 1,024 × 48", job + "/matrix/tile?last=48&columns=48", 0},
		{"all rows that failed", job + "/matrix/tile?last=48&columns=48&fate=failed&rows=8192", 0}, {"devices", job + "/matrix/tile?last=48&columns=48&group=device", 0},
		{"a search", job + "/matrix?last=48&search=99-t", 0}, {"matrix of 720 intervals", job + "/matrix?last=720", 0}, {"a tile of 1,024 × 256", job + "/matrix/tile?last=720&columns=256", 0},
		{"who was not scored, and why", job + "/sensors?fate=failed,silent", 0},
		{"windows of a sensor, 30 days", "/windows/1m/series?points=2000&" + q + "&from=" + from.Format(time.RFC3339) + "&to=" + to.Format(time.RFC3339), 0},
		{"the same, every window", "/windows/1m/series?points=50000&" + q + "&from=" + from.Format(time.RFC3339) + "&to=" + to.Format(time.RFC3339), 0},
		{"sensors by name", "/sensors?search=compressor-05", 0}, {"a sensor", "/sensor?" + q, 0},
	} {
		var took []time.Duration
		var size int64
		for range 20 {
			n, d, err := v.get(ctx, c.path)
			if err != nil {
				return err
			}
			took, size = append(took, d), n
			if c.pause > 0 {
				<-time.After(c.pause)
			}
		}
		first := took[0]
		slices.Sort(took)
		fmt.Printf("| %s | %.1f | %.1f | %.1f | %d |\n", c.what, ms(first), ms(took[10]), ms(took[18]), size)
	}
	if err := v.watched(ctx, viewers); err != nil || !browser {
		return err
	}
	return v.drawn(ctx, s, from, to)
}

// drawn has a browser measure views.
func (v *service) drawn(ctx context.Context, s *scene, from, to time.Time) error {
	what, err := json.Marshal(map[string]string{
		"url": strings.TrimSuffix(v.base, "/api/v1"), "token": v.token, "job": "hourly", "device": s.asked.Device, "tag": s.asked.Tag,
		"from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "node", "e2e/bench.mjs")
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Join("web", "ui"), os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "SCENE="+string(what))
	return cmd.Run()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// checkpoint has the worker of the sensor's partition make a checkpoint, after which the
// files of old hours count.
func (v *service) checkpoint(ctx context.Context, s *scene) error {
	for i := range 3 {
		body := fmt.Sprintf(`{"device":%q,"tag":%q,"ts":%q,"value":%d}`, s.asked.Device, s.asked.Tag, time.Now().UTC().Add(time.Duration(i-3)*time.Minute).Format(time.RFC3339), i)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+"/readings", strings.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+v.token)
		res, err := v.http.Do(req)
		if err != nil {
			return err
		}
		res.Body.Close()
	}
	for range 300 {
		if found, _ := filepath.Glob(filepath.Join(s.data(), "checkpoints", window, "*", "*.json")); len(found) > 0 {
			return nil
		}
		<-time.After(100 * time.Millisecond)
	}
	return errors.New("there is no checkpoint after half a minute")
}

// watched measures the share of a core that viewers cost, each with a stream of events
// and an overview every 5 seconds.
func (v *service) watched(ctx context.Context, viewers int) error {
	const length = 20 * time.Second
	ctx, stop := context.WithTimeout(ctx, length+5*time.Second)
	defer stop()
	for n := range viewers {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+"/events", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+v.token)
		go func() {
			res, err := v.http.Do(req)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return
			}
			defer res.Body.Close()
			_, _ = io.Copy(io.Discard, res.Body) // it ends with the context
		}()
		go func() {
			pause := time.After(time.Duration(n) * 5 * time.Second / time.Duration(viewers))
			for {
				select {
				case <-ctx.Done():
					return
				case <-pause:
				}
				if _, _, err := v.get(ctx, "/overview?hours=72"); err != nil && ctx.Err() == nil {
					fmt.Fprintln(os.Stderr, err)
				}
				pause = time.After(5 * time.Second)
			}
		}()
	}
	before := v.ticks()
	<-time.After(length)
	fmt.Printf("%d viewers: %.1f %% of a core; memory %.0f MiB\n", viewers, (v.ticks()-before)/length.Seconds(), v.memory())
	return nil
}

// ticks is how long the service has computed, in hundredths of a second.
func (v *service) ticks() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", v.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return user + system
}

func (v *service) memory() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.cmd.Process.Pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return n / 1024
		}
	}
	return 0
}
