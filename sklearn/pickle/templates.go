package pickle

import "slices"

const (
	mostTemplates = 8
	// usefulHits is how many files must have fitted a template to pay for another.
	usefulHits = 8
	// uselessMisses is how many files in a row may not fit a template before it is
	// dropped.
	uselessMisses = 256
	// longestPause is the most files that are parsed between two that are recorded.
	longestPause = 1023
)

// templates are those of a Parser, the last used first. Where they are of no use,
// they are made more and more rarely.
type templates struct {
	all    []*template
	used   *template // whose Document the last parse gave
	rec    recorder
	begun  bool
	pause  int // files that are not recorded after one that is
	wait   int // what is left of the pause
	lastID uint64
}

// find is the Document of data, if a template fits it, else nil.
func (s *templates) find(data []byte, opt *Options) *Document {
	if s.used != nil {
		s.used.doc.data = nil // good until the next call only
		s.used = nil
	}
	if len(s.all) == 0 || opt.Lenient {
		return nil
	}
	limits := opt.Limits.within(len(data), len(data))
	if len(data) > limits.Size {
		return nil
	}
	for i, t := range s.all {
		if !t.need.within(&limits) || !t.walk(data, &limits) {
			t.misses++
			continue
		}
		t.misses = 0
		if t.hits++; t.hits == usefulHits {
			s.pause, s.wait = 0, 0
		}
		copy(s.all[1:], s.all[:i])
		s.all[0], s.used = t, t
		return t.fill(data)
	}
	s.all = slices.DeleteFunc(s.all, func(t *template) bool { return t.misses >= uselessMisses })
	return nil
}

// recorder is what is to note the parse of a file that fits no template; nil if none is
// to be made of it. The first file of a Parser may be its only one.
func (s *templates) recorder() *recorder {
	if !s.begun || s.wait > 0 {
		s.begun = true
		s.wait = max(0, s.wait-1)
		return nil
	}
	s.pause = min(2*s.pause+1, longestPause)
	s.wait = s.pause
	s.rec.reset()
	return &s.rec
}

// add keeps the template of what m has run.
func (s *templates) add(m *machine) {
	t := m.rec.build(m)
	if t == nil {
		return
	}
	s.lastID++
	t.doc.structure = s.lastID
	if len(s.all) == mostTemplates {
		s.all = s.all[:mostTemplates-1]
	}
	s.all = slices.Insert(s.all, 0, t)
}
