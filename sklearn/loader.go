package sklearn

import (
	"fmt"

	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// A Loader loads one model after the other in the same memory: once warm, a
// usual model costs no allocation. The zero Loader is ready; it is for one
// goroutine. What a load gives does not depend on those before it.
type Loader struct {
	parser    *pickle.Parser // made by the first load
	flattener flattener
	room      room
	made      []part
	model     Model
}

// part is what was made of an estimator, which several steps may be.
type part struct {
	object pickle.Value
	made   any
}

// Load is [Load], but the model is good until the next call only.
func (l *Loader) Load(data []byte) (*Model, error) {
	if l.parser == nil {
		l.parser = pickle.NewParser(pickle.Options{Allow: known})
	}
	doc, err := l.parser.Parse(data)
	if err != nil {
		return nil, classify(err)
	}
	l.room.finder.Start(doc)
	return l.build(doc.Root(), len(data))
}

// build makes the model whose last step is a detector out of an estimator
// parsed from a file of size bytes.
func (l *Loader) build(root pickle.Value, size int) (*Model, error) {
	steps, err := l.flattener.flatten(root, &l.room)
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return nil, unsupported("the pipeline has no steps")
	}
	m := &l.model
	*m = Model{transforms: m.transforms[:0]}
	width := 0
	l.room.reset(size)
	l.made = l.made[:0]
	for i, step := range steps {
		part, err := l.construct(step)
		if err != nil {
			return nil, fmt.Errorf("step %q: %w", step.name, err)
		}
		if width, err = m.add(part, width, i == len(steps)-1); err != nil {
			return nil, fmt.Errorf("step %q (%s): %w", step.name, step.class, err)
		}
	}
	if m.features > 1 {
		m.names = featureNames(steps[0].object, m.features)
	}
	return m, nil
}

// construct makes what stands for a step, once for each object.
func (l *Loader) construct(s step) (any, error) {
	for _, p := range l.made {
		if p.object == s.object {
			return p.made, nil
		}
	}
	made, err := construct(s, &l.room)
	if err != nil {
		return nil, err
	}
	l.made = append(l.made, part{s.object, made})
	return made, nil
}
