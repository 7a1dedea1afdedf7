package fleet

import (
	"fmt"
	"strconv"
	"strings"
)

// Tolerance is how many sensors may fail before the whole counts as failed: a
// number, or a share of all sensors. The zero Tolerance accepts none.
type Tolerance struct {
	count   int
	percent float64 // used when isShare
	isShare bool
}

// ParseTolerance reads "0", "25" or "1.5%".
func ParseTolerance(s string) (Tolerance, error) {
	if share, ok := strings.CutSuffix(strings.TrimSpace(s), "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if err != nil || !(p >= 0 && p <= 100) {
			return Tolerance{}, fmt.Errorf("%q is not a percentage between 0%% and 100%%", s)
		}
		return Tolerance{percent: p, isShare: true}, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return Tolerance{}, fmt.Errorf("%q is neither a count such as 25 nor a percentage such as 1%%", s)
	}
	return Tolerance{count: n}, nil
}

// Exceeded reports whether failed sensors out of total are more than t allows.
func (t Tolerance) Exceeded(failed, total int) bool {
	if t.isShare {
		return float64(failed)*100 > t.percent*float64(total)
	}
	return failed > t.count
}

// String is the form that ParseTolerance reads.
func (t Tolerance) String() string {
	if t.isShare {
		return strconv.FormatFloat(t.percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(t.count)
}
