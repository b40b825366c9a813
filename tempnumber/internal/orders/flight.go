package orders

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
)

// coalesceDelay is how long a reading waits for others who want one too.
const coalesceDelay = 20 * time.Millisecond

// Flight lets many callers share their readings of the history, of which a minute has only ten, as
// singleflight does. Who asks during a reading waits for the next one, and the first of them does it for all.
// The zero Flight is ready for use.
type Flight[T any] struct {
	mu     sync.Mutex
	wanted map[*Range]struct{} // by those who wait or read
	turn   chan struct{}       // whoever fills it may read
	last   *reading[T]         // guarded by turn
}

// reading is one reading of the history.
type reading[T any] struct {
	begun time.Time
	which Range
	seen  []T
	err   error
}

// Read returns the history of at least a range, as it is some time after the call begins. read does the
// reading, on the goroutine of one of the callers.
func (f *Flight[T]) Read(ctx context.Context, r Range, read func(context.Context, Range) ([]T, error)) ([]T, error) {
	asked := time.Now()
	turn, done := f.want(&r)
	defer done()
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, deadline.Cause(ctx)
	}
	if f.last == nil || !f.last.begun.After(asked) || !f.last.which.Covers(r) {
		if err := deadline.Sleep(ctx, coalesceDelay); err != nil {
			return nil, err
		}
		next := &reading[T]{begun: time.Now(), which: f.widest(r)}
		next.seen, next.err = read(ctx, next.which)
		// What stopped this caller, or would have been too late for it, is not the others' answer.
		if errors.Is(next.err, context.Canceled) || errors.Is(next.err, context.DeadlineExceeded) {
			return nil, next.err
		}
		f.last = next
	}
	return f.last.seen, f.last.err
}

// want notes which range is wanted, until done is called. turn is what the caller has to wait for.
func (f *Flight[T]) want(r *Range) (turn chan struct{}, done func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.turn == nil {
		f.turn, f.wanted = make(chan struct{}, 1), make(map[*Range]struct{})
	}
	f.wanted[r] = struct{}{}
	return f.turn, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.wanted, r)
	}
}

// widest returns the range that serves all who ask now.
func (f *Flight[T]) widest(r Range) Range {
	f.mu.Lock()
	defer f.mu.Unlock()
	for other := range f.wanted {
		r = r.And(*other)
	}
	return r
}
