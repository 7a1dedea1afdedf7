package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Request is the rows of one sensor and its model.
type Request struct {
	Sensor fleet.Sensor
	// Key and Digest (SHA-256, in hexadecimal) name the model; the base of the key is
	// how the file is called that a program sees. Model is its bytes, which are the
	// caller's and stay as they are until Score returns. All are empty where a job
	// has no models.
	Key    string
	Digest string
	Model  []byte
	// Features name the columns of Values, which has a row for each of Times, row after row.
	Features []string
	// Times are nanoseconds since the epoch, in UTC.
	Times  []int64
	Values []float64
}

// Rows is how many rows there are.
func (r *Request) Rows() int { return len(r.Times) }

// Row is the values of row i.
func (r *Request) Row(i int) []float64 {
	width := len(r.Features)
	return r.Values[i*width : (i+1)*width]
}

// Answer is what came of a Request. Its slices are used again by the next call with the same Answer.
type Answer struct {
	// Score and Label have an element for each row. Label is as in scikit-learn: 1
	// is normal, -1 an anomaly; 0: the row was not scored, as its score is NaN.
	Score []float64
	Label []int8
	// Cause is why the sensor has failed; empty: it has not. Err is what to tell of
	// it: the last lines of a traceback, what a program printed.
	Cause fleet.Cause
	Err   error
	// Output is what the program printed for the sensor, bounded by who implements
	// Runtime, in whole lines where it can be: it is for the task's log.
	Output string
	// Took is how long the program was at it, and Memory the most that its process has
	// taken so far, in bytes; 0: not known.
	Took   time.Duration
	Memory int64
}

// ErrFinal is an error that would be the same the next time, such as a script that has changed
// since the run was planned.
var ErrFinal = errors.New("")

// Runtime scores with a foreign program. Its methods may be called by several
// goroutines at a time.
type Runtime interface {
	// Score answers requests[i] in answers[i]. A request has all rows of its sensor; where a
	// program runs for each shard, requests are all sensors of the shard. An error means that nothing can be
	// scored at all (no interpreter, no sandbox, no image), and not that a sensor has failed.
	Score(ctx context.Context, requests []Request, answers []Answer) error
	// Close ends all processes and removes what they left.
	Close() error
}
