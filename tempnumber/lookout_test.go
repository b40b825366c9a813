package tempnumber

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestManyLooksAtOnceAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLookout()
		var reads []depth
		read := func(_ context.Context, d depth) ([]*Activation, error) {
			reads = append(reads, d) // one at a time, or the race detector tells
			time.Sleep(time.Second)
			return []*Activation{made(len(reads), 0)}, nil
		}
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				seen, err := l.look(t.Context(), depth{above: ActivationID(100 - i)}, read)
				require.NoError(t, err)
				require.Equal(t, []ActivationID{1}, idsOf(seen))
			})
		}
		time.Sleep(500 * time.Millisecond)
		for i := range 10 { // while somebody looks already
			group.Go(func() {
				seen, err := l.look(t.Context(), depth{above: ActivationID(50 - i)}, read)
				require.NoError(t, err)
				require.Equal(t, []ActivationID{2}, idsOf(seen), "what began before is too old")
			})
		}
		group.Wait()
		require.Equal(t, []depth{{above: 91}, {above: 41}}, reads)
		require.Empty(t, l.asks)
		seen, err := l.look(t.Context(), depth{above: 100}, read)
		require.NoError(t, err)
		require.Equal(t, []ActivationID{3}, idsOf(seen))
	})
}

func TestALookThatWasTooShallowServesNobodyDeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLookout()
		n := 0
		read := func(context.Context, depth) ([]*Activation, error) {
			n++
			time.Sleep(time.Second)
			return nil, nil
		}
		var group sync.WaitGroup
		group.Go(func() { _, _ = l.look(t.Context(), depth{above: 9}, read) })
		time.Sleep(10 * time.Millisecond) // it gathers still, but has this one's wish only from here on
		group.Go(func() { _, _ = l.look(t.Context(), depth{above: 3}, read) })
		group.Wait()
		require.Equal(t, 1, n)
		l.last.depth.above = 9
		l.last.begun = time.Now().Add(time.Minute)
		_, _ = l.look(t.Context(), depth{above: 3}, read)
		require.Equal(t, 2, n)
	})
}

func TestWhoeverLeavesDoesNotSpoilTheLookOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLookout()
		read := func(ctx context.Context, _ depth) ([]*Activation, error) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Second):
				return []*Activation{made(1, 0)}, nil
			}
		}
		leaving, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			_, err := l.look(leaving, depth{}, read)
			require.ErrorIs(t, err, context.Canceled)
		})
		time.Sleep(100 * time.Millisecond)
		group.Go(func() {
			seen, err := l.look(t.Context(), depth{}, read)
			require.NoError(t, err)
			require.Len(t, seen, 1)
		})
		group.Go(func() {
			_, err := l.look(leaving, depth{}, read) // leaves while it waits for its turn
			require.ErrorIs(t, err, context.Canceled)
		})
		time.Sleep(100 * time.Millisecond)
		leave()
		group.Wait()
		require.Empty(t, l.asks)
	})
}

func TestWhatStoppedOneCallerIsNotTheAnswerOfOneWhoAskedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLookout()
		read := func(ctx context.Context, _ depth) ([]*Activation, error) {
			return []*Activation{made(1, 0)}, sleep(ctx, time.Second)
		}
		leaving, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			_, err := l.look(leaving, depth{}, read)
			require.ErrorIs(t, err, context.Canceled)
		})
		time.Sleep(gathering / 2) // the look has yet to begin, so it would serve this one too
		group.Go(func() {
			seen, err := l.look(t.Context(), depth{}, read)
			require.NoError(t, err)
			require.Len(t, seen, 1)
		})
		time.Sleep(500 * time.Millisecond)
		leave()
		group.Wait()
	})
}

func TestAFailedLookIsEverybodysAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLookout()
		down := errors.New("the history is down")
		n := 0
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				_, err := l.look(t.Context(), depth{}, func(context.Context, depth) ([]*Activation, error) {
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
