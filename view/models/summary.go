package models

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Summary is what models there are, by kind and by age.
type Summary struct {
	Complete bool        `json:"complete" doc:"all were looked at; otherwise ask again in a while"`
	Models   int         `json:"models"`
	Looked   int         `json:"looked" doc:"at so many so far"`
	Bytes    int64       `json:"bytes"`
	Time     time.Time   `json:"time" doc:"when they were listed"`
	Kinds    []ModelKind `json:"kinds" nullable:"false" doc:"the most frequent first, 100 at most; a file that was replaced counts as what it was until it is looked at"`
	Ages     []Age       `json:"ages" nullable:"false"`
}

// ModelKind is models of one kind.
type ModelKind struct {
	Kind    string `json:"kind" doc:"the classes of its steps, such as StandardScaler, OneClassSVM"`
	Native  bool   `json:"native" doc:"they are scored without Python"`
	Version string `json:"sklearn_version,omitempty"`
	Reason  string `json:"reason,omitempty" doc:"why they are not, of one of them"`
	Models  int    `json:"models"`
	Example string `json:"example" doc:"the key of one"`
}

// Age is models that were changed in some time.
type Age struct {
	Days   int `json:"days" doc:"at most so many days ago, and more than those before; 0: longer ago than all"`
	Models int `json:"models"`
}

// looked is what is remembered of a file that was looked at.
type looked struct {
	size int64
	time int64
	kind kind
}

// kind is what tells kinds apart, and why, of one of them.
type kind struct {
	name, version string
	native        bool
	reason        string
}

const mostKinds = 100

// Summary sums up what is known, and finds out the rest in the background.
func (c *Catalogue) Summary(ctx context.Context) (Summary, error) {
	all, err := c.entries(ctx)
	if err != nil {
		return Summary{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Summary{Models: len(all), Time: c.listed.UTC(), Kinds: []ModelKind{}, Ages: []Age{{Days: 1}, {Days: 7}, {Days: 30}, {Days: 90}, {Days: 365}, {}}}
	kinds := map[kind]*ModelKind{}
	for i := range all {
		e := &all[i]
		s.Bytes += e.Size
		s.Ages[ageOf(s.Ages, c.Now().Sub(e.ModTime))].Models++
		l, ok := c.known[e.Key]
		if !ok {
			continue
		}
		if l.size == e.Size && l.time == e.ModTime.UnixNano() {
			s.Looked++ // what is not has the kind of the file before it for so long
		}
		k := l.kind
		k.reason = ""
		if kinds[k] == nil {
			kinds[k] = &ModelKind{Kind: k.name, Native: k.native, Version: k.version, Reason: l.kind.reason, Example: e.Key}
		}
		kinds[k].Models++
	}
	for _, k := range kinds {
		s.Kinds = append(s.Kinds, *k)
	}
	slices.SortFunc(s.Kinds, func(a, b ModelKind) int {
		return cmp.Or(cmp.Compare(b.Models, a.Models), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Version, b.Version))
	})
	s.Kinds = s.Kinds[:min(len(s.Kinds), mostKinds)]
	s.Complete = s.Looked == s.Models
	if !s.Complete && !c.busy {
		c.begin(context.WithoutCancel(ctx), all)
	}
	return s, nil
}

func ageOf(ages []Age, age time.Duration) int {
	for i, a := range ages[:len(ages)-1] {
		if age <= time.Duration(a.Days)*24*time.Hour {
			return i
		}
	}
	return len(ages) - 1
}

// begin looks at files in the background. c.mu is held.
func (c *Catalogue) begin(ctx context.Context, all []entry) {
	ctx, c.stop = context.WithCancel(ctx)
	c.busy = true
	c.done.Go(func() {
		known := map[string]looked{}
		for i := range all {
			if ctx.Err() != nil {
				break
			}
			known[all[i].Key] = c.kindOf(ctx, &all[i])
			if len(known)%1000 == 0 { // so that it can be seen how far it is
				c.remember(known)
			}
		}
		c.remember(known)
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(known) == len(all) {
			c.known = known // and no more those that are gone
		}
		c.busy = false
	})
}

func (c *Catalogue) remember(known map[string]looked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]looked{}
	}
	for key, l := range known {
		c.known[key] = l
	}
}

func (c *Catalogue) kindOf(ctx context.Context, e *entry) looked {
	c.mu.Lock()
	l, ok := c.known[e.Key]
	c.mu.Unlock()
	if ok && l.size == e.Size && l.time == e.ModTime.UnixNano() {
		return l
	}
	l = looked{size: e.Size, time: e.ModTime.UnixNano()}
	m, err := c.look(ctx, e)
	switch {
	case err != nil:
		l.kind = kind{name: "unreadable", reason: "it could not be read"}
	case m.Error != "":
		l.kind = kind{name: "damaged", reason: m.Error}
	default:
		var names []string
		for _, s := range m.Steps {
			names = append(names, s.Class[strings.LastIndexByte(s.Class, '.')+1:])
		}
		l.kind = kind{strings.Join(names, ", "), m.Version, m.Native, m.Reason}
	}
	return l
}

// Stop ends what is done in the background.
func (c *Catalogue) Stop() {
	c.mu.Lock()
	stop := c.stop
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
	c.done.Wait()
}
