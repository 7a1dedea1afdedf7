package pack

// SetMaxData sets how many bytes of models a pack holds, so that small fleets
// have many.
func (b *Builder) SetMaxData(n int64) { b.maxData = n }
