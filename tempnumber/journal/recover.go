package journal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// settledAfter is the age at which an order that the history does not show is
// taken for one that bought nothing. An order that is carried out late shows up
// within seconds.
const settledAfter = 5 * time.Minute

// Reconciler looks for what an order bought; *tempnumber.Client is one.
type Reconciler interface {
	Reconcile(ctx context.Context, unknown *tempnumber.OutcomeUnknownError) ([]*tempnumber.Activation, error)
}

// Recovery is what is known of an open order after a look at the account's history.
type Recovery struct {
	Entry
	// Found are the activations that the order may have bought, the oldest first. At
	// most one is the order's. Nobody but the caller knows whether the key is shared:
	// with tempnumber.WithExclusiveKey a single one is the order's, without it is a
	// candidate. It is empty for an order in state Bought, whose ID says it all.
	Found []*tempnumber.Activation
	// Nothing reports that the order is old and the history does not show it, so that
	// it bought nothing.
	Nothing bool
	// Err says why the history could not be read; nil otherwise.
	Err error
}

// Recover looks for what the open orders bought. It changes nothing in the
// journal: close each order by Settle once the result is stored or shown, but for
// those that have neither an ID, nor Found, nor Nothing; they are still open. It
// returns within about 30 seconds, earlier when ctx ends or all orders are old.
func (j *Journal) Recover(ctx context.Context, client Reconciler) ([]Recovery, error) {
	entries, err := j.Entries()
	if err != nil {
		return nil, err
	}
	known := map[tempnumber.ActivationID]bool{} // bought by other orders
	var open []Recovery
	for _, e := range entries {
		if e.ID != 0 {
			known[e.ID] = true
		}
		if e.Open() {
			open = append(open, Recovery{Entry: e})
		}
	}
	var all sync.WaitGroup
	for i := range open {
		if open[i].State != Bought {
			all.Go(func() { open[i].look(ctx, client, known) })
		}
	}
	all.Wait()
	return open, nil
}

// look looks for one order.
func (r *Recovery) look(ctx context.Context, client Reconciler, known map[tempnumber.ActivationID]bool) {
	old := time.Since(r.Intent.SentAt) > settledAfter
	if old {
		// There is no sense in waiting for an order that is minutes old to show up.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 4*time.Second)
		defer cancel()
	}
	found, err := client.Reconcile(ctx, &tempnumber.OutcomeUnknownError{Intent: r.Intent})
	r.Found = slices.DeleteFunc(found, func(a *tempnumber.Activation) bool { return known[a.ID] })
	if err != nil && !errors.Is(err, tempnumber.ErrNoneYet) {
		r.Err = err
		return
	}
	r.Nothing = old && len(r.Found) == 0
}
