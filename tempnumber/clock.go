package tempnumber

import (
	"net/http"
	"sync"
	"time"
)

// serverClock knows how far the server's clock is ahead of the local one. What
// the server says of its time is some way old when it arrives, so each word of it
// gives a lower bound, and the last word counts: clocks are set now and then.
type serverClock struct {
	mu      sync.Mutex
	ahead   time.Duration // by the last word
	closest time.Duration // by the one that was on its way for the shortest time
	heard   source
}

// source is where a word about the server's time came from. The time in an
// activation is by the clock that also stamps activations; a Date header may be a
// proxy's, and counts while there is nothing better.
type source int

const (
	sourceNone source = iota
	sourceDate
	sourceActivation
)

func (c *serverClock) hear(from source, server time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from < c.heard || server.IsZero() {
		return
	}
	ahead := time.Until(server)
	// Words are late by less than a minute; more than that, and a clock was set.
	if from > c.heard || ahead > c.closest || ahead < c.closest-time.Minute {
		c.closest = ahead
	}
	c.heard, c.ahead = from, ahead
}

// hearDate takes in the Date header of an answer.
func (c *serverClock) hearDate(header http.Header) {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		c.hear(sourceDate, date)
	}
}

const (
	// clockTolerance covers that times of the service are whole seconds, and that its
	// machines need not agree.
	clockTolerance = 5 * time.Second
	// unknownClockTolerance is used while the service has not said what time it is.
	unknownClockTolerance = 5 * time.Minute
)

// earliest gives the smallest time that the service can have put on something that
// happened at a local moment.
func (c *serverClock) earliest(local time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard == sourceNone {
		return local.Add(-unknownClockTolerance)
	}
	return local.Add(c.ahead - clockTolerance)
}

// latest gives the local moment by which something happened on which the service
// put a time, as near as is known; the service's times are whole seconds. Without
// a time it may have happened just now.
func (c *serverClock) latest(server time.Time) time.Time {
	if server.IsZero() {
		return time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return server.Add(time.Second - c.closest)
}
