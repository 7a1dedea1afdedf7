package ledger

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// stored is how a time is stored: microseconds since 1970, and NULL if it is zero.
func stored(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// known is a time as it will be read again.
func known(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// timeColumn reads what stored gives.
type timeColumn struct{ to *time.Time }

// Scan implements sql.Scanner.
func (c timeColumn) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*c.to = time.Time{}
	case int64:
		*c.to = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a %T where a time should be", value)
	}
	return nil
}

// encoded is how a value of several numbers is stored: JSON, so that one more
// number needs no new column; and NULL if all are 0.
func encoded[T comparable](v T) (any, error) {
	var zero T
	if v == zero {
		return nil, nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}

// jsonColumn reads what encoded gives.
type jsonColumn struct{ to any }

// Scan implements sql.Scanner.
func (c jsonColumn) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), c.to)
	case []byte:
		return json.Unmarshal(v, c.to)
	default:
		return fmt.Errorf("a %T where JSON should be", value)
	}
}

// finite is x, or 0 if it is none that a database can store.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}
