package monitor_test

import (
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/monitor"
)

// TestCheckEndpoint refuses addresses that nothing can be sent to, and tells no secret.
func TestCheckEndpoint(t *testing.T) {
	for address, wrong := range map[string]string{
		"http://127.0.0.1:4318":                        "",
		"https://collector.example/otlp":               "",
		"http://[::1]:4318/":                           "",
		"collector:4318":                               "not the address",
		"grpc://collector:4317":                        "not the address",
		"http://":                                      "not the address",
		"http://a b":                                   "not the address",
		"http://x\x00y":                                "not the address",
		"http://me:hidden@collector:4318":              "OTEL_EXPORTER_OTLP_HEADERS",
		"me:hidden@collector":                          "not the address",
		"http://collector:4318?key=hidden":             "OTEL_EXPORTER_OTLP_HEADERS",
		"http://collector:4317":                        "4318",
		"http://" + strings.Repeat("x", 5000) + "\x7f": "not the address",
	} {
		err := monitor.CheckEndpoint(address)
		if (err == nil) != (wrong == "") || err != nil && (!strings.Contains(err.Error(), wrong) || strings.Contains(err.Error(), "hidden") || len(err.Error()) > 300) {
			t.Errorf("%.60q: %v", address, err)
		}
	}
}
