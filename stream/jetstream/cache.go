package jetstream

import "sync"

// cache has the groups that were stored or read lately, for readers to share. Its
// owner locks it.
type cache struct {
	limit, size int64
	groups      map[uint64]*group
	order       []uint64 // as they came
	loads       map[uint64]*load
}

// load is a group on its way from the server, for all who need it.
type load struct {
	once  sync.Once
	group *group
	err   error
}

func newCache(limit int64) cache {
	return cache{limit: limit, groups: make(map[uint64]*group), loads: make(map[uint64]*load)}
}

// get returns a group or, if it is not there, how to load it.
func (c *cache) get(seq uint64) (*group, *load) {
	if g := c.groups[seq]; g != nil {
		return g, nil
	}
	l := c.loads[seq]
	if l == nil {
		l = new(load)
		c.loads[seq] = l
	}
	return nil, l
}

// loaded ends a load.
func (c *cache) loaded(seq uint64, l *load) {
	delete(c.loads, seq)
	if l.err == nil {
		c.add(l.group)
	}
}

// add makes room for a group by forgetting those that came first.
func (c *cache) add(g *group) {
	if c.groups[g.seq] != nil {
		return
	}
	c.groups[g.seq] = g
	c.order = append(c.order, g.seq)
	c.size += g.memory()
	for c.size > c.limit && len(c.order) > 1 {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.size -= c.groups[oldest].memory()
		delete(c.groups, oldest)
	}
}

func (g *group) memory() int64 {
	return int64(cap(g.raw) + 16*cap(g.before) + 12*cap(g.items) + 128)
}
