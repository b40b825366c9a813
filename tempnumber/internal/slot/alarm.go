package slot

import "time"

// alarm is the one timer of a queue. It is set while the first caller waits for a
// moment that is known, and stopped otherwise.
type alarm struct {
	timer *time.Timer // made when it is first needed
	at    time.Duration
	set   bool
}

// schedule sets the alarm for the first caller. While no moment is known, because
// a call in flight has to come back first, its release calls dispatch.
func (q *Queue) schedule(now time.Duration) {
	if q.share != nil {
		return // who grants its slots has a timer
	}
	at, ok := q.nextGrant(now)
	a := &q.alarm
	switch {
	case !ok:
		if a.set {
			a.timer.Stop()
			a.set = false
		}
	case a.set && a.at == at:
	default:
		a.at, a.set = at, true
		if a.timer == nil {
			a.timer = time.AfterFunc(at-now, q.wake)
		} else {
			a.timer.Reset(at - now)
		}
	}
}

// nextGrant returns when the first caller is granted a slot if nothing else happens.
func (q *Queue) nextGrant(now time.Duration) (at time.Duration, ok bool) {
	w := q.head()
	if w == nil {
		return 0, false
	}
	return q.slots.Next(q.leaves(w.background), now)
}

func (q *Queue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.alarm.set = false
	q.dispatch(q.now())
}
