// Package slot keeps a caller below a server's limit of N requests per window
// of W, whatever the network does to the requests on their way.
//
// A request that is sent at s is counted by the server at some moment a that
// the caller never learns, and answered at r: s ≤ a ≤ r. A [Queue] has N slots.
// A request takes one before it is sent, and the slot is free again at
// r + W + ε, where ε = W/1000 covers clocks that run apart.
//
// Why this is enough: suppose a closed window of length W held N+1 arrivals,
// and let m be the one of them that was sent last. When it was sent, at most
// N-1 other slots were taken, so some other request j of the window had its slot
// back already: r_j + W + ε ≤ s_m, and therefore a_m - a_j ≥ W + ε. The two do
// not fit in one window. Nothing is assumed about the network or about how the
// server aligns its windows, and no rule that sees only s and r can allow more.
//
// The package knows nothing of HTTP. It reads the monotonic clock alone, and it
// has no goroutine of its own: a timer runs while somebody waits, and is stopped
// when the last one is gone.
package slot

import (
	"context"
	"sync"
	"time"
)

// Linger is how much longer than usual a slot is held whose request got no
// answer, unless [WithLinger] says otherwise: something between the caller and
// the server may still hold the request and deliver it after the caller gave up.
const Linger = 20 * time.Second

// Queue hands out the slots of one limit. Callers in the foreground go before
// callers in the background, and within either group nobody overtakes. A Queue
// is made by [New] and may be used by many goroutines at once.
type Queue struct {
	start time.Time // moments are counted from here, on the monotonic clock

	mu         *sync.Mutex
	slots      *Slots
	last       uint64 // the id of the newest slot
	foreground waitList
	background waitList
	alarm      alarm
	share      *Share // whom slots come from; nil when the queue grants them itself
	own        sync.Mutex
}

// Option changes the [Slots] of a [Queue] as it is made.
type Option func(*Slots)

// WithReserve leaves k slots to the foreground: a background caller is granted
// a slot only when k others are free. Without it the reserve is a tenth of all
// slots, rounded down. Values outside 0 … n-1 are moved to the nearer end.
func WithReserve(k int) Option {
	return func(s *Slots) { s.reserve = k }
}

// WithLinger replaces [Linger]. A negative value counts as zero.
func WithLinger(d time.Duration) Option {
	return func(s *Slots) { s.linger = max(d, 0) }
}

// New returns a queue that keeps to n requests in any window of the given
// length. All slots are free. An n below 1 counts as 1, a negative window as 0.
func New(n int, window time.Duration, opts ...Option) *Queue {
	q := &Queue{start: time.Now(), slots: NewSlots(n, window, opts...)}
	q.mu = &q.own
	return q
}

// Acquire waits for a slot. The caller must send one request at most with it,
// and release it.
//
// When the slot is known to come too late for the deadline of ctx, Acquire fails
// with a [*LateError], at once or as soon as it is known. When ctx ends first it
// returns the error of ctx. A call that failed has cost nothing: it holds no slot.
func (q *Queue) Acquire(ctx context.Context, background bool) (*Slot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q.mu.Lock()
	now := q.now()
	q.slots.Reclaim(now)
	first := q.foreground.len == 0 && (!background || q.background.len == 0)
	if q.share == nil && first && q.slots.Grants(q.leaves(background), now) {
		s := q.take()
		q.mu.Unlock()
		return s, nil
	}
	w, err := q.enqueue(ctx, background, now)
	if err == nil && q.share != nil {
		q.share.Wake()
	}
	q.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case <-w.ready:
		return w.slot, w.err
	case <-ctx.Done():
		return nil, q.abandon(w, ctx.Err())
	}
}

func (q *Queue) now() time.Duration { return time.Since(q.start) }

// leaves returns the number of slots that a grant has to leave free.
func (q *Queue) leaves(background bool) int {
	leaves := 0
	if q.share != nil {
		leaves = q.share.Line()
	}
	if background {
		leaves += q.slots.reserve
	}
	return leaves
}

func (q *Queue) take() *Slot {
	q.last++
	q.slots.Take(q.last)
	return &Slot{queue: q, id: q.last}
}

// dispatch brings the queue up to date after a change. It grants what can be
// granted, dismisses callers whose slot would come after their deadline, and sets
// the alarm for the next grant.
func (q *Queue) dispatch(now time.Duration) {
	q.slots.Reclaim(now)
	for w := q.head(); w != nil && q.share == nil && q.slots.Grants(q.leaves(w.background), now); w = q.head() {
		w.slot = q.take()
		w.dismiss()
	}
	q.expireLate(&q.foreground, now)
	q.expireLate(&q.background, now)
	q.schedule(now)
}
