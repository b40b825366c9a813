package tempnumbertest

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// limits counts the requests of every endpoint.
type limits struct {
	endpoints    map[tempnumber.Endpoint]*arrivals
	countRefused bool
}

// arrivals are the requests that came to one endpoint.
type arrivals struct {
	limit   tempnumber.Limit
	limited bool
	counted []time.Time // those that the limit counts, the newest limit.Requests of them
	window  []time.Time // all that came within the last window
	most    int         // that were in one window
}

// newLimits counts by the given limits. Endpoints without a limit are watched
// through the documented window.
func newLimits(given tempnumber.Limits, countRefused bool) limits {
	l := limits{map[tempnumber.Endpoint]*arrivals{}, countRefused}
	for endpoint, documented := range tempnumber.DefaultLimits() {
		l.endpoints[endpoint] = &arrivals{limit: documented}
	}
	for endpoint, limit := range given {
		l.endpoints[endpoint] = &arrivals{limit: limit, limited: true}
	}
	return l
}

// arrive counts a request. When it is one too many, it returns how long it takes
// until one is allowed again.
func (l limits) arrive(endpoint tempnumber.Endpoint, now time.Time) (wait time.Duration, refused bool) {
	a := l.endpoints[endpoint]
	if a == nil {
		return 0, false // no operation of the API
	}
	a.watch(now)
	if !a.limited {
		return 0, false
	}
	if len(a.counted) == a.limit.Requests {
		// Both ends of a window belong to it, hence the last nanosecond.
		wait = a.counted[0].Add(a.limit.Window + 1).Sub(now)
		refused = wait > 0
	}
	if !refused || l.countRefused {
		if len(a.counted) == a.limit.Requests {
			a.counted = a.counted[1:]
		}
		a.counted = append(a.counted, now)
		if refused {
			wait = a.counted[0].Add(a.limit.Window + 1).Sub(now)
		}
	}
	return wait, refused
}

// watch remembers the fullest window.
func (a *arrivals) watch(now time.Time) {
	old := 0
	for old < len(a.window) && now.Sub(a.window[old]) > a.limit.Window {
		old++
	}
	a.window = append(a.window[old:], now)
	a.most = max(a.most, len(a.window))
}

// MaxInWindow is the largest number of requests that came to an endpoint within
// one window of its limit, whatever the window's beginning, its first and its last
// moment included. Refused requests are counted, those without the right key are
// not. An endpoint without a limit is measured by the documented window.
func (s *Server) MaxInWindow(endpoint tempnumber.Endpoint) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.limits.endpoints[endpoint]; a != nil {
		return a.most
	}
	return 0
}
