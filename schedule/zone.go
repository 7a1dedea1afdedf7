package schedule

import (
	"fmt"
	"time"
	_ "time/tzdata" // zones for hosts that have none; the host's own, if any, come first
)

// loadZone finds a time zone. "Local" is none: what it means depends on the host,
// and a schedule must not.
func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if len(name) <= 64 && name != "Local" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, fmt.Errorf("zone %.80q is not a time zone such as Europe/Berlin, America/New_York or UTC", name)
}
