package fleet

// Reading is one value of a sensor.
type Reading struct {
	Device, Tag string
	Time        int64 // event time, nanoseconds since 1970
	Value       float64
	Seq         uint64 // part of its identity if HasSeq
	HasSeq      bool
	// Received says that Time is when it was received: it has no identity, and counts
	// as often as it comes.
	Received bool
	// Replayed says that it was kept aside as late or early, and is to count now: no
	// window is closed to it.
	Replayed bool
}

// Sensor is what the reading is of.
func (r *Reading) Sensor() Sensor { return Sensor{r.Device, r.Tag} }
