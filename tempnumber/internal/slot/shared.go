package slot

import (
	"sync"
	"time"
)

// Share is what a [Queue] needs of those it shares its slots with. All of it but Flush is
// called under the lock that the queue was made with.
type Share struct {
	Line   func() int                       // callers of others that go first
	Wake   func()                           // somebody waits, or may be granted a slot now
	Return func(id uint64, outcome Outcome) // a slot is given back
	Pause  func(d time.Duration)            // the server asked for a pause
	Ended  func(err error) error            // a caller's time is over: what it is told
	Flush  func()                           // called after Return, without the lock: waits until others know
}

// NewShared returns a queue whose callers wait in line, and are granted slots by
// [Queue.Grant] alone: whether there is one is for all that share the slots to decide.
// The caller locks mu around every method that ends in Locked, and keeps slots up to date;
// their moments count from start.
func NewShared(slots *Slots, start time.Time, mu *sync.Mutex, share Share) *Queue {
	return &Queue{start: start, mu: mu, slots: slots, share: &share}
}

// GrantableLocked returns how many of the callers in the foreground may have a slot now.
func (q *Queue) GrantableLocked(now time.Duration) int {
	q.slots.Reclaim(now)
	line, most, k := q.share.Line(), q.foreground.len, 0
	if q.slots.Probing() {
		most = min(most, max(1-line, 0))
	}
	for k < most && q.slots.Grants(line+k, now) {
		k++
	}
	return k
}

// WaitingLocked returns how many callers wait in the foreground.
func (q *Queue) WaitingLocked() int { return q.foreground.len }

// GrantLocked gives a slot that was taken for it to the first caller. It is false when nobody waits any more.
func (q *Queue) GrantLocked(id uint64, sendBy time.Time) bool {
	w := q.foreground.first
	if w == nil {
		return false
	}
	w.slot = &Slot{queue: q, id: id, SendBy: sendBy}
	w.dismiss()
	return true
}

// FailLocked ends all waits with an error.
func (q *Queue) FailLocked(err error) {
	for w := q.foreground.first; w != nil; w = w.next {
		w.err = err
		w.dismiss()
	}
}

// ChangedLocked tells the queue that its slots or the line have changed.
func (q *Queue) ChangedLocked(now time.Duration) { q.dispatch(now) }

// ReplaceLocked lets the queue go by other slots.
func (q *Queue) ReplaceLocked(slots *Slots) { q.slots = slots }
