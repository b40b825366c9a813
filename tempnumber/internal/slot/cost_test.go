package slot

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cycle is one uncontended call of the given outcome, as cheap as it gets.
func cycle(ctx context.Context, q *Queue, outcome Outcome) {
	s, err := q.Acquire(ctx, foreground)
	if err != nil {
		panic(err)
	}
	s.Release(outcome)
}

func TestUncontendedAllocations(t *testing.T) {
	for _, outcome := range []Outcome{NotSent, Answered} {
		q := New(80, time.Nanosecond) // every slot is back for the next cycle
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.LessOrEqual(t, testing.AllocsPerRun(1000, func() { cycle(ctx, q, outcome) }), 2.0)
	}
}

func BenchmarkAcquireRelease(b *testing.B) {
	for name, outcome := range map[string]Outcome{"NotSent": NotSent, "Answered": Answered} {
		b.Run(name, func(b *testing.B) {
			q := New(80, time.Nanosecond)
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				cycle(ctx, q, outcome)
			}
		})
	}
}
