package app

import (
	"os"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/config"
)

// nodeEnvironment is the environment of nodes: this process's, which has the
// credentials of the store, and what .env has of others, without our token, what opens
// the database, without
// what lets in at receivers and at the collector of telemetry, and without what is
// between systemd and us.
func nodeEnvironment(f *config.File) []string {
	secrets := append(f.Notify.SecretNames(), "FLEETSCORE_TOKEN")
	var env []string
	for _, v := range append(os.Environ(), f.Others()...) {
		name, _, _ := strings.Cut(v, "=")
		telemetry := strings.HasPrefix(name, "OTEL_EXPORTER_OTLP_") && strings.HasSuffix(name, "HEADERS")
		if !telemetry && name != "NOTIFY_SOCKET" && !slices.Contains(append(secrets, "FLEETSCORE_DATABASE", "PGPASSWORD", "PGPASSFILE"), name) {
			env = append(env, v)
		}
	}
	return env
}

// leastMemory is what a node gets at least, in bytes.
const leastMemory = 1 << 30

// fairShare is a node's share of three quarters of the machine's memory.
func fairShare(nodes int) int64 {
	total := machineMemory()
	if total == 0 {
		return 0
	}
	return max(total/4*3/int64(max(nodes, 1)), leastMemory)
}
