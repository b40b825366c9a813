package orders

import (
	"sync"
	"time"
)

// ServerClock knows how far the server's clock is ahead of the local one. A timestamp is stale on arrival,
// so it bounds the server's clock from below. The latest one wins: clocks are set now and then. The zero
// ServerClock knows nothing yet.
type ServerClock struct {
	mu      sync.Mutex
	ahead   time.Duration // by the latest timestamp
	closest time.Duration // by the one that was on its way for the shortest time
	source  Source
}

// Source is where a timestamp came from. The higher one counts.
type Source int

// The sources. A Date header may be a proxy's; the time in an activation is of the clock that also stamps
// activations.
const (
	sourceNone Source = iota
	SourceDate
	SourceActivation
)

// Learn takes in a timestamp that has just arrived. The zero time says nothing.
func (c *ServerClock) Learn(from Source, server time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from < c.source || server.IsZero() {
		return
	}
	ahead := time.Until(server)
	// A timestamp is late by less than a minute. A larger step back means that a clock was set.
	if from > c.source || ahead > c.closest || ahead < c.closest-time.Minute {
		c.closest = ahead
	}
	c.source, c.ahead = from, ahead
}

const (
	// clockTolerance covers that the service's times are whole seconds, and that its machines need not agree.
	clockTolerance = 5 * time.Second
	// unknownClockTolerance is used until the service has said what time it is: clocks that nobody sets run
	// minutes apart.
	unknownClockTolerance = 15 * time.Minute
)

// Earliest returns the smallest time that the service can have put on something that happened at a local time.
func (c *ServerClock) Earliest(local time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.source == sourceNone {
		return local.Add(-unknownClockTolerance)
	}
	return local.Add(c.ahead - clockTolerance)
}

// Latest returns the local time by which something happened on which the service put a time, as near as is
// known. Without a time it may have happened just now.
func (c *ServerClock) Latest(server time.Time) time.Time {
	if server.IsZero() {
		return time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return server.Add(time.Second - c.closest) // the service's times are whole seconds
}
