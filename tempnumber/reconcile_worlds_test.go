package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestReconcileAssumesNothing loses answers to orders in worlds that differ in what is not documented: whether ids
// ascend, what the clocks show and whether the service says so, how many activations a page holds.
func TestReconcileAssumesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second or more")
	}
	for name, idOf := range map[string]func(r *rand.Rand) func(n int) int64{
		"ascending":  func(*rand.Rand) func(int) int64 { return func(n int) int64 { return int64(100_000 + 3*n) } },
		"descending": func(*rand.Rand) func(int) int64 { return func(n int) int64 { return int64(100_000 - 3*n) } },
		"random": func(r *rand.Rand) func(int) int64 {
			ids := r.Perm(10_000)
			return func(n int) int64 { return int64(1000 + ids[n]) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			worlds, right := 0, 0
			for _, ahead := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
				for _, told := range []struct{ noUTC, noDate bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
					for _, page := range []int{1, 7, 100} {
						worlds++
						world := fmt.Sprintf("clock %v, %+v, pages of %d", ahead, told, page)
						synctest.Test(t, func(t *testing.T) {
							s := &shop{ahead: ahead, noUTC: told.noUTC, noDate: told.noDate, pageSize: page, idOf: idOf(rand.New(rand.NewPCG(uint64(worlds), 7)))}
							if wrong := reconcileInWorld(t, s); wrong == "" {
								right++
							} else {
								t.Logf("%s: %s", world, wrong)
							}
						})
					}
				}
			}
			t.Logf("ids %s: right in %d of %d worlds", name, right, worlds)
			require.Equal(t, 24, worlds)
			require.GreaterOrEqual(t, right, 22)
		})
	}
}

// reconcileInWorld loses the answers of several orders, one after the other, with an exclusive key, and returns
// what was wrong.
func reconcileInWorld(t *testing.T, s *shop) (wrong string) {
	t.Helper()
	for i := range 6 { // of earlier programs
		s.sell(serviceOf(i), "us")
		time.Sleep(7 * time.Minute)
	}
	s.sell("facebook", "us")
	time.Sleep(25 * time.Minute) // their numbers have ended
	own := int64(0)
	commits := true
	c := s.client(t, func(r *http.Request) (*http.Response, error) {
		time.Sleep(75 * time.Millisecond)
		if r.Method != http.MethodPost {
			return nil, nil
		}
		own = 0
		if commits {
			own = s.sell("facebook", "us").ID
		}
		return nil, errLost
	}, WithExclusiveKey())
	for i := range 6 {
		commits = i != 2
		a, err := c.CreateActivation(t.Context(), facebook())
		switch {
		case commits && (err != nil || int64(a.ID) != own):
			return fmt.Sprintf("order %d: activation %d was bought: %v, %v", i, own, a, err)
		case !commits && !errors.Is(err, ErrNoneYet):
			return fmt.Sprintf("order %d bought nothing: %v, %v", i, a, err)
		}
		time.Sleep(2 * time.Minute)
	}
	return ""
}

// TestSharedReadingKeepsDeadlines lets a caller with two seconds left and a patient one reconcile at once, while
// the history has no slot for half a minute.
func TestSharedReadingKeepsDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, 0))
		first, second := loseOrder(t, c), loseOrder(t, c)
		for range 10 {
			_, err := c.ActivationsPage(t.Context(), ListParams{})
			require.NoError(t, err)
		}
		done := make(chan error)
		hasty, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		go func() { _, err := c.Reconcile(hasty, first); done <- err }()
		time.Sleep(time.Millisecond)
		go func() { _, err := c.Reconcile(t.Context(), second); done <- err }()
		require.ErrorIs(t, <-done, ErrOutcomeUnknown, "the hasty caller")
		require.NoError(t, <-done, "the patient caller")
	})
}
