package pool

// Warm is a formula that keeps what the last run needed, one node at least.
const Warm = "math.greatest(1, next_run_nodes, " + Default + ")"
