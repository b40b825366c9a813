package orders

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
)

func TestFlightCoalescesReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[Activation]
		var reads []Range
		read := func(_ context.Context, r Range) ([]Activation, error) {
			reads = append(reads, r) // one at a time, or the race detector complains
			time.Sleep(time.Second)
			return []Activation{made(len(reads), 0)}, nil
		}
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				seen, err := f.Read(t.Context(), Range{Above: int64(100 - i)}, read)
				require.NoError(t, err)
				require.Equal(t, []int64{1}, idsOf(seen))
			})
		}
		time.Sleep(500 * time.Millisecond)
		for i := range 10 { // while a read is in flight
			group.Go(func() {
				seen, err := f.Read(t.Context(), Range{Above: int64(50 - i)}, read)
				require.NoError(t, err)
				require.Equal(t, []int64{2}, idsOf(seen), "a read that began earlier is too old")
			})
		}
		group.Wait()
		require.Equal(t, []Range{{Above: 91}, {Above: 41}}, reads)
		require.Empty(t, f.wanted)
		seen, err := f.Read(t.Context(), Range{Above: 100}, read)
		require.NoError(t, err)
		require.Equal(t, []int64{3}, idsOf(seen))
	})
}

func TestFlightServesNoWiderRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[Activation]
		n := 0
		read := func(context.Context, Range) ([]Activation, error) {
			n++
			time.Sleep(time.Second)
			return nil, nil
		}
		var group sync.WaitGroup
		group.Go(func() { _, _ = f.Read(t.Context(), Range{Above: 9}, read) })
		time.Sleep(10 * time.Millisecond) // the first still waits for others
		group.Go(func() { _, _ = f.Read(t.Context(), Range{Above: 3}, read) })
		group.Wait()
		require.Equal(t, 1, n)
		f.last.which.Above = 9
		f.last.begun = time.Now().Add(time.Minute)
		_, _ = f.Read(t.Context(), Range{Above: 3}, read)
		require.Equal(t, 2, n)
	})
}

func TestFlightCancelledCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[Activation]
		read := func(ctx context.Context, _ Range) ([]Activation, error) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Second):
				return []Activation{made(1, 0)}, nil
			}
		}
		leaving, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			_, err := f.Read(leaving, Range{}, read)
			require.ErrorIs(t, err, context.Canceled)
		})
		time.Sleep(100 * time.Millisecond)
		group.Go(func() {
			seen, err := f.Read(t.Context(), Range{}, read)
			require.NoError(t, err)
			require.Len(t, seen, 1)
		})
		group.Go(func() {
			_, err := f.Read(leaving, Range{}, read) // leaves while it waits for its turn
			require.ErrorIs(t, err, context.Canceled)
		})
		time.Sleep(100 * time.Millisecond)
		leave()
		group.Wait()
		require.Empty(t, f.wanted)
	})
}

func TestFlightCancelledReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[Activation]
		read := func(ctx context.Context, _ Range) ([]Activation, error) {
			return []Activation{made(1, 0)}, deadline.Sleep(ctx, time.Second)
		}
		leaving, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			_, err := f.Read(leaving, Range{}, read)
			require.ErrorIs(t, err, context.Canceled)
		})
		time.Sleep(coalesceDelay / 2) // the read has not begun, so it would serve this one too
		group.Go(func() {
			seen, err := f.Read(t.Context(), Range{}, read)
			require.NoError(t, err)
			require.Len(t, seen, 1)
		})
		time.Sleep(500 * time.Millisecond)
		leave()
		group.Wait()
	})
}

func TestFlightSharesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[Activation]
		down := errors.New("the history is down")
		n := 0
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				_, err := f.Read(t.Context(), Range{}, func(context.Context, Range) ([]Activation, error) {
					n++
					return nil, down
				})
				require.ErrorIs(t, err, down)
			})
		}
		group.Wait()
		require.Equal(t, 1, n)
	})
}
