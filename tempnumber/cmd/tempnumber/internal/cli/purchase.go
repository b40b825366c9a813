package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/journal"
)

// orderGrace is how long an order that is on its way may take to be answered after
// the command was interrupted or its time was over. It cannot be called back: the
// answer says what was paid for.
const orderGrace = 5 * time.Second

// purchases is what a command knows of the numbers that it and earlier ones bought.
type purchases struct {
	wanted  bool             // the command orders numbers, or looks for them
	off     bool             // the user does not want a journal
	journal *journal.Journal // nil without one

	bought *tempnumber.Activation // by this command; nil when it bought nothing
	shown  bool                   // the user knows the number
	lost   *tempnumber.Intent     // the order of this command whose outcome is unknown
}

// open opens the journal of an account, and returns the options of a client that
// writes to it.
func (p *program) openJournal(key string) ([]tempnumber.Option, error) {
	if !p.purchases.wanted || p.purchases.off {
		return nil, nil
	}
	dir := p.userDir("XDG_STATE_HOME", ".local/state")
	if dir == "" {
		return nil, &journalError{errors.New("neither HOME nor XDG_STATE_HOME is set")}
	}
	account := sha256.Sum256([]byte("tempnumber\n" + cmp.Or(p.settings.baseURL, tempnumber.ProductionURL) + "\n" + strings.TrimSpace(key)))
	var err error
	p.purchases.journal, err = journal.Open(filepath.Join(dir, "tempnumber"), hex.EncodeToString(account[:8]))
	if err != nil {
		return nil, &journalError{err}
	}
	return []tempnumber.Option{tempnumber.WithPurchaseHook(func(ctx context.Context, intent tempnumber.Intent) error {
		if err := p.purchases.journal.Hook(ctx, intent); err != nil {
			return &journalError{err}
		}
		return nil
	})}, nil
}

// journalError says that an order was not sent, because it could not be written
// down before.
type journalError struct{ err error }

func (e *journalError) Error() string {
	return "nothing was ordered, because the order could not be written down first: " + strings.TrimPrefix(e.err.Error(), "journal: ")
}

func (e *journalError) Unwrap() error { return e.err }

// record runs an order, and writes down what became of it where there is a journal.
func (b *purchases) record(ctx context.Context, buy func(context.Context) (*tempnumber.Activation, error)) (*tempnumber.Activation, error) {
	if b.journal == nil {
		return buy(ctx)
	}
	return b.journal.Do(ctx, buy)
}

// told notes that the user knows the number. Should that fail, a later command
// tells the number once more.
func (b *purchases) told() {
	b.shown = true
	if b.journal != nil && b.bought != nil {
		_ = b.journal.Told(b.bought.ID)
	}
}

// toldCandidates notes that the user knows what a lost order may have bought.
func (b *purchases) toldCandidates() {
	if b.journal == nil || b.lost == nil {
		return
	}
	open, err := b.journal.Pending()
	if err != nil {
		return
	}
	for _, e := range open {
		if e.Intent == *b.lost {
			_ = b.journal.Settle(e.Order, 0) // else it is told again
		}
	}
}

// unclaimed returns the candidates of a lost order that no other order in the
// journal has bought.
func (b *purchases) unclaimed(candidates []*tempnumber.Activation) []*tempnumber.Activation {
	if b.journal == nil {
		return candidates
	}
	entries, err := b.journal.Entries()
	if err != nil {
		return candidates
	}
	return slices.DeleteFunc(candidates, func(a *tempnumber.Activation) bool {
		return slices.ContainsFunc(entries, func(e journal.Entry) bool { return e.ID == a.ID })
	})
}

// unfinished returns the orders of earlier commands that need attention, the oldest first.
func (b *purchases) unfinished() []journal.Entry {
	if b.journal == nil {
		return nil
	}
	open, err := b.journal.Pending()
	if err != nil {
		return nil // ordering will say why
	}
	return slices.DeleteFunc(open, isAtWork)
}

// isAtWork reports whether the process of an order may still be about to tell of it.
func isAtWork(e journal.Entry) bool { return e.State != journal.Unknown && e.Running() }

// noteUnfinished says at once that earlier orders need attention.
func (p *program) noteUnfinished() {
	for _, e := range p.purchases.unfinished() {
		what := "may have bought a number"
		if e.ID != 0 {
			what = fmt.Sprintf("bought activation %v (%s), which was not shown", e.ID, e.Number)
		}
		p.console.note("an earlier order, %s in %s at %s, %s; see: tempnumber recover",
			e.Intent.ServiceID, e.Intent.CountryID, e.Intent.SentAt.Local().Format(time.DateTime), what)
	}
}

// untilAnswered returns a context for an order: it ends a while after ctx, so that
// an order on its way is answered.
func (p *program) untilAnswered(ctx context.Context) (context.Context, context.CancelFunc) {
	order, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if !p.watch.orderSent() {
			cancel()
			return
		}
		p.console.note("an order is on its way; waiting up to %v for its answer", orderGrace)
		timer := time.NewTimer(orderGrace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-order.Done():
		}
	})
	endOrder := func() { stop(); cancel() }
	if deadline, ok := ctx.Deadline(); ok {
		later, cancelLater := context.WithDeadline(order, deadline.Add(orderGrace))
		return later, func() { cancelLater(); endOrder() }
	}
	return order, endOrder
}

// lateOrderError says that an order was carried out, and that there was no time
// left for the rest of the command.
type lateOrderError struct{ err error } // of the context

func (e *lateOrderError) Error() string {
	if errors.Is(e.err, context.DeadlineExceeded) {
		return "the time of --timeout was over before the order was answered; a number was bought all the same"
	}
	return "interrupted while an order was on its way; it bought a number all the same"
}

func (e *lateOrderError) Unwrap() error { return e.err }
