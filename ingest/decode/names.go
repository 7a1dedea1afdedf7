package decode

import "github.com/fleetscore/fleetscore/fleet"

// names remembers names that were seen lately, all of which are sound, so that
// each is checked and allocated once.
type names struct {
	role  string
	limit int
	// When fresh is full it becomes old, and what old had is forgotten, but what was
	// met since is in fresh.
	fresh, old map[string]string
	last       string // which is often the next
}

// name is text as a name, or what is wrong with it.
func (n *names) name(text []byte) (string, flaw) {
	if string(text) == n.last && n.last != "" {
		return n.last, flaw{}
	}
	s, ok := n.fresh[string(text)]
	if ok {
		n.last = s
		return s, flaw{}
	}
	if s, ok = n.old[string(text)]; !ok {
		if len(text) > fleet.MaxName {
			return "", flaw{BadName, "is too long for a " + n.role, text}
		}
		s = string(text)
		if err := fleet.CheckName(n.role, s); err != nil {
			return "", flaw{BadName, err.Error(), nil}
		}
	}
	if len(n.fresh) >= n.limit {
		n.fresh, n.old = n.old, n.fresh
		clear(n.fresh)
	}
	if n.fresh == nil {
		n.fresh = make(map[string]string)
	}
	n.fresh[s] = s
	n.last = s
	return s, flaw{}
}
