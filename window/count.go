package window

// count is how many readings there are.
type count uint32

// maxBlocks blocks have at most maxCount readings.
const (
	maxCount  = 1<<32 - 1
	maxBlocks = 1 << 24
)

func (c *count) add() { *c++ }

func (c *count) merge(o count) { *c = count(min(uint64(*c)+uint64(o), maxCount)) }
