package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter returns how long the service asks to wait, at most longest, or 0 when it does not say or cannot
// be understood. Retry-After (seconds or a date, RFC 9110) goes before X-RateLimit-Reset (unix seconds or
// seconds from now), which the vendor's newer product sends. Dates are compared with the server's own Date
// where there is one, so that a wrong local clock does no harm.
func RetryAfter(h http.Header, longest time.Duration) time.Duration {
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
			return min(max(at.Sub(now), 0), longest)
		}
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil || seconds != seconds || seconds < 0 {
			continue
		}
		// Ten digits are a time since 1970: as a delay they would be decades.
		if seconds >= 1e9 {
			if seconds > 1e12 {
				continue
			}
			return min(max(time.Unix(int64(seconds), 0).Sub(now), 0), longest)
		}
		return min(time.Duration(seconds*float64(time.Second)), longest)
	}
	return 0
}
