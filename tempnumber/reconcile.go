package tempnumber

import (
	"context"
	"errors"
	"time"
)

// Reconcile looks at the history at once and these times later: most orders that
// are carried out late show up within seconds.
const (
	secondLook = 5 * time.Second
	lastLook   = 30 * time.Second
)

// WithExclusiveKey says that nobody but this client uses the API key: no other
// process, no other client, nobody in the web account. Then an activation that
// nobody here ordered can only be what an order with an unknown outcome bought, so
// Reconcile decides, and CreateActivation looks for it and gives it by itself.
//
// It is a promise of the program, and a wrong one gives numbers away twice: where
// others use the key, up to a quarter of such decisions are wrong. With it, the
// first order of a client is preceded by a look at the history.
func WithExclusiveKey() Option {
	return func(c *config) error {
		c.exclusive = true
		return nil
	}
}

// Reconcile finds out what an order with an unknown outcome bought. It looks in the
// account's history at once, after 5 and after 30 seconds, until it finds an
// activation of the same service in the same country that is newer than the order
// and that no other call of this client accounts for. For an order of an earlier
// process give it &OutcomeUnknownError{Intent: stored}.
//
// It answers in one of three ways:
//   - one activation. With WithExclusiveKey it is the one that the order bought.
//     Without, it is a candidate, and somebody else with the same key may have
//     bought it; nothing is decided, and another call may name it again.
//   - several candidates, the oldest first. At most one is the order's.
//   - none yet: no activation and an *OutcomeUnknownError that matches ErrNoneYet.
//     Usually nothing was bought then, but an order can still show up late. Call
//     Reconcile again to see; a log line and an Observer's EventFound tell of it too.
//
// When the history cannot be read, or ctx ends between the looks, the error is an
// *OutcomeUnknownError with that cause.
func (c *Client) Reconcile(ctx context.Context, unknown *OutcomeUnknownError) ([]*Activation, error) {
	if unknown == nil {
		return nil, invalid("Reconcile: there is no order to look for; give it the *OutcomeUnknownError of one")
	}
	if err := unknown.Intent.check(); err != nil {
		return nil, err
	}
	given, _, err := c.reconcile(ctx, unknown.Intent)
	if err != nil {
		return nil, &OutcomeUnknownError{Intent: unknown.Intent, Err: err}
	}
	return given, nil
}

// reconcile gives what an order may have bought; sure tells that the one is the
// order's. The error says why there is nothing to give.
func (c *Client) reconcile(ctx context.Context, in Intent) (given []*Activation, sure bool, err error) {
	if id, ok := c.ledger.foundBefore(in); ok {
		a, err := c.Activation(ctx, id)
		if err != nil {
			return nil, false, err
		}
		return []*Activation{a}, true, nil
	}
	defer c.ledger.seek(in)()
	start := time.Now()
	for _, after := range []time.Duration{0, secondLook, lastLook} {
		if waitErr := sleep(ctx, after-time.Since(start)); waitErr != nil {
			return nil, false, because(waitErr, err)
		}
		if given, sure, err = c.seekOnce(ctx, in); err == nil || hopeless(err) {
			return given, sure, err
		}
	}
	return nil, false, err
}

// hopeless tells whether another look will end like this one.
func hopeless(err error) bool {
	return errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrAccountOnHold) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// seekOnce takes one look. Finding nothing is ErrNoneYet.
func (c *Client) seekOnce(ctx context.Context, in Intent) (given []*Activation, sure bool, err error) {
	seen, err := c.lookout.look(ctx, depth{above: in.HighWater, since: in.SentAt}, c.historyDownTo)
	if err != nil {
		return nil, false, err
	}
	// What an order on its way bought may be among them. Its answer tells.
	for _, end := range c.ledger.aloft(in.pair()) {
		select {
		case <-end:
		case <-ctx.Done():
			return nil, false, contextError(ctx)
		}
	}
	if c.exclusive {
		var ours bool
		if given, sure, ours = c.ledger.award(in, c.road.clock, seen); sure && ours {
			c.spending.settle(in.MaxPrice, verdictDone, given[0])
		}
	} else {
		given = c.ledger.offer(in, c.road.clock, seen)
	}
	if len(given) == 0 {
		return nil, false, ErrNoneYet
	}
	return given, sure, nil
}
