package transport

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const longest = 5 * time.Minute

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		date := func(d time.Duration) string { return now.Add(d).UTC().Format(http.TimeFormat) }
		for _, c := range []struct {
			name   string
			header http.Header
			want   time.Duration
		}{
			{"none", http.Header{}, 0},
			{"seconds", http.Header{"Retry-After": {"30"}}, 30 * time.Second},
			{"a fraction", http.Header{"Retry-After": {"0.5"}}, 500 * time.Millisecond},
			{"a date", http.Header{"Retry-After": {date(time.Minute)}}, time.Minute},
			{"a date by the server's clock", http.Header{"Retry-After": {date(time.Hour)}, "Date": {date(time.Hour - 20*time.Second)}}, 20 * time.Second},
			{"a date in the past", http.Header{"Retry-After": {date(-time.Minute)}}, 0},
			{"far too long", http.Header{"Retry-After": {"86400"}}, longest},
			{"negative", http.Header{"Retry-After": {"-5"}}, 0},
			{"nonsense", http.Header{"Retry-After": {"soon"}}, 0},
			{"not a number", http.Header{"Retry-After": {"NaN"}}, 0},
			{"infinite", http.Header{"Retry-After": {"Inf"}}, 0},
			{"reset in seconds", http.Header{"X-Ratelimit-Reset": {"15"}}, 15 * time.Second},
			{"reset at a moment by the server's clock", http.Header{"X-Ratelimit-Reset": {"1672531260"}, "Date": {"Sun, 01 Jan 2023 00:00:00 GMT"}}, time.Minute},
			{"reset in milliseconds", http.Header{"X-Ratelimit-Reset": {"1672531260000"}}, 0},
			{"reset at the smallest timestamp", http.Header{"X-Ratelimit-Reset": {"1000000000"}, "Date": {"Sun, 09 Sep 2001 01:46:30 GMT"}}, 10 * time.Second},
			{"reset at the largest timestamp", http.Header{"X-Ratelimit-Reset": {"1000000000000"}}, longest},
			{"at once", http.Header{"Retry-After": {"0"}, "X-Ratelimit-Reset": {"50"}}, 0},
			{"the second when the first is milliseconds", http.Header{"Retry-After": {"1672531260000"}, "X-Ratelimit-Reset": {"50"}}, 50 * time.Second},
			{"retry-after goes first", http.Header{"Retry-After": {"3"}, "X-Ratelimit-Reset": {"50"}}, 3 * time.Second},
			{"the second when the first is nonsense", http.Header{"Retry-After": {"x"}, "X-Ratelimit-Reset": {"50"}}, 50 * time.Second},
		} {
			require.Equal(t, c.want, RetryAfter(c.header, longest), c.name)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"30", "-1", "1e300", "Wed, 21 Oct 2015 07:28:00 GMT", "1672531260", "NaN"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, after, reset string) {
		d := RetryAfter(http.Header{"Retry-After": {after}, "X-Ratelimit-Reset": {reset}}, longest)
		require.GreaterOrEqual(t, d, time.Duration(0))
		require.LessOrEqual(t, d, longest)
	})
}
