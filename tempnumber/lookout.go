package tempnumber

import (
	"context"
	"sync"
	"time"
)

// gathering is how long a look waits for others who want one as well.
const gathering = 20 * time.Millisecond

// lookout lets many callers share their looks at the history, of which a minute
// has only ten. Those who ask while somebody looks wait for the next look, and the
// first of them takes it for all.
type lookout struct {
	turn chan struct{} // whoever fills it may look
	last *look         // guarded by turn

	mu   sync.Mutex
	asks map[*depth]struct{} // of those who wait or look
}

// look is what one look at the history showed.
type look struct {
	begun time.Time
	depth depth
	seen  []*Activation
	err   error
}

func newLookout() *lookout {
	return &lookout{turn: make(chan struct{}, 1), asks: make(map[*depth]struct{})}
}

// look gives the history down to a depth, as it is some time after the call begins.
// read does the reading, on the goroutine of one of those who ask.
func (l *lookout) look(ctx context.Context, d depth, read func(context.Context, depth) ([]*Activation, error)) ([]*Activation, error) {
	asked := time.Now()
	defer l.ask(&d)()
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, contextError(ctx)
	}
	if l.last == nil || !l.last.begun.After(asked) || !l.last.depth.covers(d) {
		if err := sleep(ctx, gathering); err != nil {
			return nil, err
		}
		next := &look{begun: time.Now(), depth: l.deepest(d)}
		next.seen, next.err = read(ctx, next.depth)
		if next.err != nil && ctx.Err() != nil {
			return nil, next.err // what stopped this caller is not the others' answer
		}
		l.last = next
	}
	return l.last.seen, l.last.err
}

// ask notes how deep a look is wanted; the function it gives takes that back.
func (l *lookout) ask(d *depth) func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asks[d] = struct{}{}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.asks, d)
	}
}

// deepest gives the depth that serves all who ask now.
func (l *lookout) deepest(d depth) depth {
	l.mu.Lock()
	defer l.mu.Unlock()
	for other := range l.asks {
		d = d.and(*other)
	}
	return d
}
