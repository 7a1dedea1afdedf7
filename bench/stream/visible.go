package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// probes is how many windows are waited for.
const probes = 500

// visible measures how long it takes from the sending of the reading that closes a
// window until the API shows it closed, while a fleet sends.
func (b *bench) visible() error {
	const load, lasts = "30/m", 45 * time.Second // 50,000 readings a second
	done := make(chan error, 1)
	go func() {
		_, _, err := b.simulate("--rate", load, "--for", lasts.String(), "--to", "http://"+b.api)
		done <- err
	}()
	<-time.After(5 * time.Second)
	var took []time.Duration
	for i := range probes {
		d, err := b.probe(fmt.Sprintf("probe-%d", i))
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	if err := <-done; err != nil {
		return err
	}
	slices.Sort(took)
	row("watermark passed → window visible through the API, p99", "%.0f ms", took[len(took)*99/100].Seconds()*1000,
		fmt.Sprintf("of %d at 50,000 readings/s; median %.0f ms, most %.0f ms; the sending is within it", probes, took[len(took)/2].Seconds()*1000, took[len(took)-1].Seconds()*1000))
	return nil
}

// probe sends a reading, and one that closes its window.
func (b *bench) probe(device string) (time.Duration, error) {
	begin := time.Now()
	at := begin.Add(-time.Hour).Truncate(time.Minute)
	line := `{"device":%q,"tag":"x","ts":%q,"value":1}` + "\n"
	body := fmt.Sprintf(line+line, device, at.Format(time.RFC3339), device, at.Add(70*time.Second).Format(time.RFC3339))
	res, err := http.Post("http://"+b.api+"/api/v1/readings", "application/x-ndjson", bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("a probe was answered with %s", res.Status)
	}
	for time.Since(begin) < time.Minute {
		list, err := b.client.Windows(b.ctx, "1m", fleet.Sensor{Device: device, Tag: "x"}, at, at.Add(time.Minute))
		if err != nil {
			return 0, err
		}
		if len(list.Windows) == 1 && !list.Windows[0].Open {
			return time.Since(begin), nil
		}
		<-time.After(5 * time.Millisecond)
	}
	return 0, fmt.Errorf("the window of %s was not seen closed within a minute", device)
}
