package decode

import (
	"fmt"
	"strings"
	"testing"
)

// body is n readings of a fleet, as gateways send them.
func body(format Format, n int) string {
	var b strings.Builder
	if format == CSV {
		b.WriteString("device,tag,ts,value\n")
	}
	for i := range n {
		form := `{"device":"pump-%04d","tag":"temperature-%d","ts":"2026-11-23T13:%02d:05.%03dZ","value":%d.%d}` + "\n"
		if format == CSV {
			form = "pump-%04d,temperature-%d,2026-11-23T13:%02d:05.%03dZ,%d.%d\n"
		}
		fmt.Fprintf(&b, form, i/5, i%5, i%60, i%1000, 60+i%30, i%1000)
	}
	return b.String()
}

func BenchmarkDecode(b *testing.B) {
	for name, format := range map[string]Format{"ndjson": NDJSON, "csv": CSV} {
		b.Run(name, func(b *testing.B) {
			text := []byte(body(format, 1000))
			d := New(Limits{})
			var batch Batch
			b.ReportAllocs()
			for b.Loop() {
				batch.Reset()
				if err := d.Decode(format, text, now, &batch); err != nil || len(batch.Readings) != 1000 {
					b.Fatal(err, batch.Faults)
				}
			}
			b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
		})
	}
}
