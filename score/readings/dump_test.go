package readings

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dump writes all of a set, for comparison.
func dump(set *Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows, integers %v, %s, %+v\n", set.Rows, set.Integers[0], set.Unit, set.Unattributed)
	for _, s := range set.Series {
		fmt.Fprintf(&b, "%q %+v %d\n", s.Sensor, s.Failures, s.Rows())
		for _, block := range s.Blocks() {
			for i, ns := range block.Times {
				fmt.Fprintf(&b, "\t%d %q %v\n", ns, block.AppendTime(nil, i), block.Values[i])
			}
		}
	}
	return b.String()
}
