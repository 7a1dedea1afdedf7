package schedule

import (
	"fmt"
	"time"
)

// every is the multiples of a number of seconds since 1970.
type every int64

const maxEvery = 366 * 24 * time.Hour

func parseEvery(s string) (every, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > maxEvery || d%time.Second != 0 {
		return 0, fmt.Errorf("%.80q after @every is not a whole number of seconds from 1s to %s, such as 10s, 15m or 1h30m", s, maxEvery)
	}
	return every(d / time.Second), nil
}

func (e every) next(t time.Time) time.Time {
	n := t.Unix() / int64(e)
	if t.Unix()%int64(e) < 0 {
		n--
	}
	return time.Unix((n+1)*int64(e), 0).UTC()
}
