package tempnumber

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// maxRetryAfter bounds what a server may ask for: the longest documented window
// is two minutes, and a wrong header must not close an endpoint for a day.
const maxRetryAfter = slot.MaxPause

// retryAfter reads how long the service asks to wait, 0 when it does not say or
// cannot be understood. Retry-After (seconds or a date, RFC 9110) goes before
// X-RateLimit-Reset (unix seconds or seconds from now), which the vendor's newer
// product sends. Moments are compared with the server's own Date where it is
// given, so that a local clock that is wrong does no harm.
func retryAfter(h http.Header) time.Duration {
	now := time.Now()
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	for _, value := range []string{h.Get("Retry-After"), h.Get("X-RateLimit-Reset")} {
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		if at, err := http.ParseTime(value); err == nil {
			return clampRetryAfter(at.Sub(now))
		}
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil || seconds != seconds || seconds < 0 {
			continue
		}
		// Ten digits are a moment since 1970, not a delay: a delay that long would be decades.
		if seconds >= 1e9 {
			if seconds > 1e12 {
				continue
			}
			return clampRetryAfter(time.Unix(int64(seconds), 0).Sub(now))
		}
		return clampRetryAfter(time.Duration(seconds * float64(time.Second)))
	}
	return 0
}

func clampRetryAfter(d time.Duration) time.Duration {
	return min(max(d, 0), maxRetryAfter)
}
