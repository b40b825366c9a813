package deadline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.Equal(t, context.Canceled, Cause(ctx))

		shutdown := errors.New("shutdown")
		caused, stop := context.WithCancelCause(t.Context())
		stop(shutdown)
		require.ErrorIs(t, Cause(caused), context.Canceled)
		require.ErrorIs(t, Cause(caused), shutdown)

		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		<-late.Done()
		require.Equal(t, context.DeadlineExceeded, Cause(late))

		attempt, cancel := context.WithTimeoutCause(t.Context(), time.Second, ErrAttempt)
		defer cancel()
		<-attempt.Done()
		require.Equal(t, ErrAttempt, Cause(attempt))
		require.NotErrorIs(t, Cause(attempt), context.DeadlineExceeded, "the caller has time left")
	})
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		require.NoError(t, Sleep(ctx, 20*time.Second))
		require.Equal(t, 20*time.Second, time.Since(start))
		require.NoError(t, Sleep(t.Context(), 0))

		start = time.Now()
		err := Sleep(ctx, 40*time.Second+1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "no time left for another attempt")
		require.Zero(t, time.Since(start))

		time.AfterFunc(5*time.Second, cancel)
		require.Equal(t, context.Canceled, Sleep(ctx, 30*time.Second))
		require.Equal(t, 5*time.Second, time.Since(start))
	})
}
