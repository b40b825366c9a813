package tempnumber

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetryDelay(t *testing.T) {
	const least, most = 300 * time.Millisecond, 5 * time.Second
	p, err := RetryPolicy{MinDelay: least, MaxDelay: most}.check()
	require.NoError(t, err)
	for attempt, want := range []time.Duration{1: least, 2: 2 * least, 3: 4 * least, 4: 8 * least, 5: 16 * least, 6: most, 64: most, 65: most, 1000: most} {
		if want == 0 {
			continue
		}
		shortest, longest := time.Duration(math.MaxInt64), time.Duration(0)
		for range 1000 {
			d := p.delay(attempt)
			shortest, longest = min(shortest, d), max(longest, d)
		}
		require.GreaterOrEqual(t, shortest, want/2, "after attempt %d", attempt)
		require.LessOrEqual(t, longest, want, "after attempt %d", attempt)
		require.InDelta(t, want/2, shortest, float64(want/50), "after attempt %d", attempt)
		require.InDelta(t, want, longest, float64(want/50), "after attempt %d", attempt)
	}
}

func TestRetryDelayLimits(t *testing.T) {
	for _, c := range []struct {
		least, most time.Duration
		attempt     int
		shortest    time.Duration
		longest     time.Duration
	}{
		{1, 1, 1, 0, 1},
		{1, 1, 100, 0, 1},
		{1, 7, 3, 2, 4}, // 7 is not a multiple
		{1, time.Hour, 31, 1 << 29, 1 << 30},
		{math.MaxInt64, math.MaxInt64, 2, math.MaxInt64 / 2, math.MaxInt64},
	} {
		for range 100 {
			d := RetryPolicy{MinDelay: c.least, MaxDelay: c.most}.delay(c.attempt)
			require.GreaterOrEqual(t, d, c.shortest, c)
			require.LessOrEqual(t, d, c.longest, c)
		}
	}
}

func TestRetryPolicyCheck(t *testing.T) {
	filled, err := RetryPolicy{}.check()
	require.NoError(t, err)
	require.Equal(t, RetryPolicy{MaxAttempts: 5, MinDelay: 500 * time.Millisecond, MaxDelay: 10 * time.Second, AttemptTimeout: 30 * time.Second}, filled)
	own := RetryPolicy{MaxAttempts: 1, MinDelay: 1, MaxDelay: 2, AttemptTimeout: 3}
	filled, err = own.check()
	require.NoError(t, err)
	require.Equal(t, own, filled)
	filled, err = RetryPolicy{MinDelay: time.Minute}.check()
	require.NoError(t, err)
	require.Equal(t, time.Minute, filled.MaxDelay, "MaxDelay is at least MinDelay")
	for name, p := range map[string]RetryPolicy{
		"attempts": {MaxAttempts: -1}, "shortest": {MinDelay: -1}, "longest": {MaxDelay: -1}, "one attempt": {AttemptTimeout: -1},
	} {
		_, err := p.check()
		var validation *ValidationError
		require.ErrorAs(t, err, &validation, name)
	}
}
