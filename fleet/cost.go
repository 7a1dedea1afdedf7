package fleet

// Usage is what was asked of a store.
type Usage struct {
	Gets    int64 `json:"gets"` // reads, of parts too, and looks at what there is
	Puts    int64 `json:"puts"`
	Lists   int64 `json:"lists"` // one for each 1,000 objects
	Read    int64 `json:"read_bytes"`
	Written int64 `json:"written_bytes"`
}

// Add adds o to u.
func (u *Usage) Add(o Usage) {
	u.Gets += o.Gets
	u.Puts += o.Puts
	u.Lists += o.Lists
	u.Read += o.Read
	u.Written += o.Written
}

// Cost is what a run has taken, and beside it what it would have taken as it was done
// in 2018.
type Cost struct {
	Nodes NodeSeconds `json:"node_seconds" doc:"of nodes"`
	Store Usage       `json:"store" doc:"what was asked of the store"`
	Money *Money      `json:"money,omitempty" doc:"at the prices of the settings; none: they give none"`
	Old   OldLayout   `json:"layout_2018" doc:"the same with a virtual machine for each sensor's job, and a file for each sensor: estimated"`
}

// NodeSeconds is time of nodes, in seconds.
type NodeSeconds struct {
	Busy  float64 `json:"busy" doc:"with tasks of the run"`
	Idle  float64 `json:"idle" doc:"the run's part of the time that its nodes had nothing to do"`
	Boot  float64 `json:"boot" doc:"the run's part of the time until its nodes were ready"`
	Total float64 `json:"total"`
	// Estimated says that it is not known to the second.
	Estimated bool `json:"estimated" doc:"a node had tasks of other runs too, is still there, or is not known any more: the run's part of idle and boot is by tasks"`
}

// Money is what something costs.
type Money struct {
	Nodes    float64 `json:"nodes"`
	Store    float64 `json:"store"`
	Total    float64 `json:"total"`
	Currency string  `json:"currency"`
}

// OldLayout is what a run would have taken as it was done in 2018.
type OldLayout struct {
	Nodes  float64 `json:"node_seconds"`
	Store  Usage   `json:"store"`
	Money  *Money  `json:"money,omitempty"`
	Assume string  `json:"assumed" doc:"what this estimate rests on"`
}
