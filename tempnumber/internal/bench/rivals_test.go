package bench

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// contestant is one way to keep to a limit.
type contestant struct {
	name    string
	limiter func(limit) limiter
	callers int
	span    time.Duration // what it needs to show what it does
}

// contestants are the slot rule and what programs do without it.
func contestants() []contestant {
	const many, day = 200, 24 * time.Hour
	return []contestant{
		{"slot rule", func(l limit) limiter { return slots{slot.New(l.n, l.window)} }, many, day},
		{"x/time/rate, burst N", func(l limit) limiter { return newBucket(l, l.n) }, many, day},
		{"x/time/rate, burst 1", func(l limit) limiter { return newBucket(l, 1) }, many, day},
		{"sliding log of send times", func(l limit) limiter { return &sendLog{limit: l} }, many, day},
		{"10 loops every 2 s", func(limit) limiter { return loop(2 * time.Second) }, 10, time.Hour},
	}
}

// bucket is a token bucket.
type bucket struct{ *rate.Limiter }

func newBucket(l limit, burst int) bucket {
	return bucket{rate.NewLimiter(rate.Limit(float64(l.n)/l.window.Seconds()), burst)}
}

func (b bucket) acquire(ctx context.Context) (func(slot.Outcome), error) {
	return func(slot.Outcome) {}, b.Wait(ctx)
}

// sendLog lets a request go when fewer than n were sent in the last window.
type sendLog struct {
	limit
	mu   sync.Mutex
	sent []time.Time // the last n, those to come too
}

func (s *sendLog) acquire(ctx context.Context) (func(slot.Outcome), error) {
	s.mu.Lock()
	at := time.Now()
	if len(s.sent) == s.n {
		if free := s.sent[0].Add(s.window); free.After(at) {
			at = free
		}
		s.sent = append(s.sent[:0], s.sent[1:]...)
	}
	s.sent = append(s.sent, at)
	s.mu.Unlock()

	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return func(slot.Outcome) {}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// loop knows no limit: each caller asks, has its answer, rests and asks again.
type loop time.Duration

func (l loop) acquire(context.Context) (func(slot.Outcome), error) {
	return func(slot.Outcome) { time.Sleep(time.Duration(l)) }, nil
}
