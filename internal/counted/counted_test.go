package counted

import "testing"

func TestOf(t *testing.T) {
	for want, got := range map[string]string{
		"0 jobs": Of(0, "job"), "1 job": Of(1, "job"), "2 jobs": Of(2, "job"), "1 anomaly": Of(int64(1), "anomaly"), "2 anomalies": Of(2, "anomaly"), "2 days": Of(uint64(2), "day"),
	} {
		if got != want {
			t.Errorf("%q and not %q", got, want)
		}
	}
}
