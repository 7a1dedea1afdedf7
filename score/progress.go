package score

import "sync/atomic"

// Progress is how far a scoring has come. It may be read at any time, by anyone.
type Progress struct {
	BytesRead, BytesTotal atomic.Int64 // of the input as stored; a total of 0 is not known
	Reading               atomic.Bool  // the input is still being read
	Sensors, SensorsDone  atomic.Int64
	Rows                  atomic.Int64 // scored
	Anomalies             atomic.Int64
	Failures              atomic.Int64 // sensors with a failure
}

// add takes in an outcome, and what the report says of its sensor.
func (p *Progress) add(o *outcome, r *SensorResult) {
	p.Rows.Add(o.predictions)
	p.Anomalies.Add(o.anomalies)
	if o.last {
		p.SensorsDone.Add(1)
		if len(r.Failures) > 0 {
			p.Failures.Add(1)
		}
	}
}
