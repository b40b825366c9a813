// Package deadline waits, and tells why a wait ended.
package deadline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrAttempt says that one attempt took longer than its time limit while the caller's context had time left.
// It is not context.DeadlineExceeded.
var ErrAttempt = errors.New("no complete answer within the attempt's time limit")

// Cause returns the error of a context that has ended. It matches context.Canceled or
// context.DeadlineExceeded and wraps the context's cause beside it. Of an attempt that ran out of its own
// time it is ErrAttempt.
func Cause(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == err || cause == ErrAttempt { //nolint:errorlint // these very errors, not what wraps them
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// Sleep waits for d, or for the end of ctx, whose error it returns. A wait that would outlast ctx's deadline
// fails at once.
func Sleep(ctx context.Context, d time.Duration) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return fmt.Errorf("no time left for another attempt: %w", context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return Cause(ctx)
	}
}
