package orders

import "time"

// recent is a map that forgets what was not set for a while, between keepFacts and twice that. It holds two
// generations and drops the older as a whole, so forgetting costs the same however much it holds. The zero
// recent is empty.
type recent[K comparable, V any] struct {
	begun      time.Time // when the younger generation was
	young, old map[K]V
	// forgotten is the latest time at which something that is forgotten may have been set; zero while
	// everything is there.
	forgotten time.Time
}

func (r *recent[K, V]) get(key K) (value V, ok bool) {
	if value, ok = r.young[key]; !ok {
		value, ok = r.old[key]
	}
	return value, ok
}

// set sets a value and keeps it for as long as keep from now on.
func (r *recent[K, V]) set(key K, value V) {
	now := time.Now()
	if r.young == nil || now.Sub(r.begun) > keepFacts {
		if len(r.old) > 0 {
			r.forgotten = r.begun // the older generation ended when the younger began
		}
		r.begun, r.young, r.old = now, make(map[K]V), r.young
	}
	r.young[key] = value
}
