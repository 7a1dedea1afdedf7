package credential

import "time"

// watcher is told when a token is not let in any more.
type watcher struct {
	who   Identity
	end   func()
	timer *time.Timer // until the token expires; nil: never
}

// Watch calls end, once, when the token of an identity is revoked, or has expired,
// or its key was removed: what it has opened ends then. end must not block. Stop
// must be called when it need not be told any more.
func (k *Keeper) Watch(who Identity, end func()) (stop func()) {
	if who.ID == "" {
		return func() {} // what is given stays
	}
	w := &watcher{who: who, end: end}
	k.mu.Lock()
	gone := k.goneLocked(who)
	if !gone {
		k.watchers[w] = struct{}{}
		if !who.Expires.IsZero() {
			w.timer = time.AfterFunc(who.Expires.Sub(k.cfg.Now()), func() { k.tell(w) })
		}
	}
	k.mu.Unlock()
	if gone { // between Find and here
		end()
	}
	return func() { k.forget(w) }
}

// goneLocked reports whether a token was revoked, or its key removed.
func (k *Keeper) goneLocked(who Identity) bool {
	if who.key != "" {
		return k.revoked[who.ID] || !k.keys.has(who.key)
	}
	return !k.tokens[who.ID].Revoked.IsZero()
}

// forget reports whether w was still watching.
func (k *Keeper) forget(w *watcher) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, there := k.watchers[w]
	delete(k.watchers, w)
	if w.timer != nil {
		w.timer.Stop()
	}
	return there
}

func (k *Keeper) tell(w *watcher) {
	if k.forget(w) {
		w.end()
	}
}

// tellGone tells the watchers of tokens that are gone.
func (k *Keeper) tellGone() {
	var gone []*watcher
	k.mu.Lock()
	for w := range k.watchers {
		if k.goneLocked(w.who) {
			gone = append(gone, w)
		}
	}
	k.mu.Unlock()
	for _, w := range gone {
		k.tell(w)
	}
}
