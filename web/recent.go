package web

// recent remembers some names, the newest.
type recent struct {
	known map[string]struct{}
	order []string
}

const keepRecent = 1024

func (r *recent) has(name string) bool {
	_, ok := r.known[name]
	return ok
}

// add reports whether the name is new.
func (r *recent) add(name string) bool {
	if r.has(name) {
		return false
	}
	if r.known == nil {
		r.known = map[string]struct{}{}
	}
	r.known[name] = struct{}{}
	if r.order = append(r.order, name); len(r.order) > keepRecent {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
	return true
}
