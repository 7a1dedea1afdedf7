package window

import "slices"

// list is a short sequence of ids, none of them 0. Two are in it, more are in lists.
type list struct {
	a, b uint32
	more uint32 // if not 0, the place in lists, and the others are 0
}

// lists holds what does not fit into a list.
type lists struct{ long pages[longList, *longList] }

type longList struct {
	all  []uint32
	next uint32 // while it is free
}

// last is the last id, or 0.
func (ls *lists) last(l *list) uint32 {
	switch {
	case l.more != 0:
		ids := ls.long.at(l.more).all
		return ids[len(ids)-1]
	case l.b != 0:
		return l.b
	}
	return l.a
}

func (ls *lists) len(l *list) int {
	switch {
	case l.more != 0:
		return len(ls.long.at(l.more).all)
	case l.b != 0:
		return 2
	case l.a != 0:
		return 1
	}
	return 0
}

func (ls *lists) get(l *list, i int) uint32 {
	switch {
	case l.more != 0:
		return ls.long.at(l.more).all[i]
	case i == 1:
		return l.b
	}
	return l.a
}

func (ls *lists) insert(l *list, i int, id uint32) {
	switch n := ls.len(l); {
	case l.more != 0:
		ids := ls.long.at(l.more)
		ids.all = slices.Insert(ids.all, i, id)
	case n == 0:
		l.a = id
	case n == 1 && i == 0:
		l.a, l.b = id, l.a
	case n == 1:
		l.b = id
	default:
		more, ids := ls.long.take()
		ids.all = slices.Insert(append(make([]uint32, 0, 4), l.a, l.b), i, id)
		*l = list{more: more}
	}
}

func (ls *lists) remove(l *list, i int) {
	switch {
	case l.more != 0:
		ids := slices.Delete(ls.long.at(l.more).all, i, i+1)
		ls.long.at(l.more).all = ids
		if len(ids) == 2 {
			more := l.more
			*l = list{a: ids[0], b: ids[1]}
			ls.long.drop(more)
		}
	case i == 0:
		l.a, l.b = l.b, 0
	default:
		l.b = 0
	}
}

func (ls *lists) clear(l *list) {
	if l.more != 0 {
		ls.long.drop(l.more)
	}
	*l = list{}
}
