package share

import (
	"context"
	"sync"
	"time"
)

// wake lets run decide anew, and starts it. h.mu is held.
func (h *Hub) wake() {
	if !h.running {
		h.running = true
		go h.run()
		return
	}
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// run talks to the log until nobody waits any more.
func (h *Hub) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	watch := false // a Wait is under way
	watched := make(chan bool, 1)
	for {
		h.mu.Lock()
		if h.idle() {
			h.running = false
			if !h.reread { // who comes later may have better luck
				h.works()
			}
			h.mu.Unlock()
			return
		}
		s, next, expired := h.decide(h.now())
		cursor, idle := h.cursor, s == nil && h.idle()
		h.mu.Unlock()
		if len(expired) > 0 {
			h.Follower.Expired(expired)
		}
		if idle || s == nil && len(expired) > 0 {
			continue // nobody waits any more, or perhaps so
		}
		if s != nil {
			if wait := h.carryOut(ctx, s); wait > 0 {
				sleep(ctx, wait)
			}
			continue
		}
		if !watch {
			watch = true
			watching.Go(func() {
				err := h.log.Wait(ctx, cursor)
				if err != nil {
					sleep(ctx, time.Second)
				}
				h.mu.Lock()
				h.stale = h.stale || h.cursor == cursor
				h.mu.Unlock()
				watched <- true
			})
		}
		timer.Reset(max(next-h.now(), 0))
		select {
		case <-h.woken:
		case <-watched:
			watch = false
		case <-timer.C:
		}
		timer.Stop()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
