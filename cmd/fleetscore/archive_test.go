package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/web"
)

// How many times a service that archives is killed: the short form, and the soak.
const (
	archiveKills     = 4
	soakArchiveKills = 100
)

// archivedReading is what a test wants of a row.
type archivedReading struct {
	Device string  `parquet:"device"`
	Value  float64 `parquet:"value"`
}

// TestArchive kills a service that archives readings, under load, again and again.
// Every reading that was acknowledged is in one file then, and no other twice; and what
// trains models can read them: our own scoring, for one.
func TestArchive(t *testing.T) {
	d := newDeployment(t, 1, "partitions: 4\nstream: {archive: true, flush: 100ms}\n")
	times := archiveKills
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		times = soakArchiveKills
	}
	text, err := os.ReadFile(filepath.Join(d.dir, "fleetscore.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + regexp.MustCompile(`listen: (\S+)`).FindStringSubmatch(string(text))[1] + "/api/v1/readings"
	acknowledged, sent := map[int]bool{}, 0
	for i := range times {
		service := d.up()
		for !d.isUp() {
			wait()
		}
		kill := time.AfterFunc(500*time.Millisecond+rand.N(2*time.Second), func() { _ = service.Process.Kill() })
		var clients sync.WaitGroup
		var mu sync.Mutex
		for client := range 4 {
			clients.Go(func() {
				for {
					mu.Lock()
					first := sent
					sent += 50
					mu.Unlock()
					if !postSome(url, first, 50, client) {
						return // it is killed
					}
					mu.Lock()
					for n := range 50 {
						acknowledged[first+n] = true
					}
					mu.Unlock()
				}
			})
		}
		clients.Wait()
		kill.Stop()
		_ = service.Wait() // it was killed
		if i == 0 && len(acknowledged) == 0 {
			t.Fatal("nothing was taken in")
		}
	}
	service := d.up()
	for limit := time.Now().Add(time.Minute); ; wait() {
		var s web.StreamStatus
		if err := d.ask(&s, "stream", "status"); err == nil && s.Archive.Readings > 0 && s.Archive.Behind == 0 && s.Archive.Held == 0 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("it is not all archived")
		}
	}
	out, err := d.command("stream", "status").Output()
	if err != nil || !regexp.MustCompile(`(?m)^archive: [\d,]+ readings in [\d,]+ files of \d+ kB, 0 kB held$`).Match(out) {
		t.Errorf("%v\n%s", err, out)
	}
	d.stop(service)

	files, err := filepath.Glob(filepath.Join(d.dir, "data/readings/date=*/hour=*/p=*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	found, rows := map[int]int{}, 0
	for _, path := range files {
		all, err := parquet.ReadFile[archivedReading](path)
		if err != nil {
			t.Fatal(err)
		}
		rows += len(all)
		for _, r := range all {
			found[int(r.Value)]++
		}
	}
	for n := range acknowledged {
		if found[n] == 0 {
			t.Errorf("reading %d was acknowledged, and is not archived", n)
		}
	}
	for n, times := range found {
		if times > 1 {
			t.Errorf("reading %d is archived %d times", n, times)
		}
	}
	t.Logf("%d readings sent, %d acknowledged, %d archived in %d files", sent, len(acknowledged), rows, len(files))

	score := d.command("score", "--models", "data/models", "--model-name", "device-0/tag-0.pkl", "--data", "data/readings", "--out", "scored", "--layout", "single", "--format", "csv", "--progress", "none")
	if said, err := score.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	predictions, err := os.ReadFile(filepath.Join(d.dir, "scored", "predictions.csv"))
	if n := strings.Count(string(predictions), "\n") - 1; err != nil || n != rows {
		t.Errorf("%d predictions of %d archived readings, %v", n, rows, err)
	}
}

// postSome posts readings whose values are numbers; false: it was not acknowledged.
func postSome(url string, first, n, client int) bool {
	var body strings.Builder
	at := time.Now().UTC()
	for i := range n {
		fmt.Fprintf(&body, `{"device":"d%d","tag":"t","ts":%q,"value":%d}`+"\n", (client+i)%9, at.Add(time.Duration(-i)*time.Millisecond).Format(time.RFC3339Nano), first+i)
	}
	res, err := http.Post(url, "application/x-ndjson", strings.NewReader(body.String()))
	if err != nil {
		return false
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return err == nil && res.StatusCode == http.StatusOK && strings.Contains(string(answer), fmt.Sprintf(`"accepted":%d`, n))
}
