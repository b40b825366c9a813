package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/journal"
)

func (p *program) recoverCommand() *cobra.Command {
	var exclusive bool
	cmd := &cobra.Command{
		Use:     "recover",
		Short:   "Find the numbers of orders whose answer was lost",
		GroupID: groupNumbers,
		Long: `Find the numbers that earlier commands bought and could not show: because the answer
to the order was lost, or because the program was killed or could not write. Each order is
written down before it is sent, in $XDG_STATE_HOME/tempnumber, by default
~/.local/state/tempnumber; this command looks in the account's history for what became of
those that are open, and lists it:

  bought     the order bought this number
  candidate  the order has probably bought it; somebody else with the same key may have
  nothing    the order bought nothing
  unknown    it does not show yet; run the command again in some minutes

What is listed is done with, but for the unknown: then the exit code is 1.`,
		Example: "  tempnumber recover\n  tempnumber recover --exclusive-key --json",
		Args:    exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.refuseMock("recover"); err != nil {
				return err
			}
			p.purchases.wanted = true
			var options []tempnumber.Option
			if exclusive {
				options = append(options, tempnumber.WithExclusiveKey())
			}
			ctx, cancel, err := p.connected(cmd, options...)
			if err != nil {
				return err
			}
			defer cancel()
			if len(p.purchases.unfinished()) > 0 {
				p.console.note("looking in the account's history, for up to 30 seconds")
			}
			found, err := p.purchases.journal.Recover(ctx, p.client)
			if err != nil {
				return err
			}
			found = slices.DeleteFunc(found, func(r journal.Recovery) bool { return isAtWork(r.Entry) })
			return p.printRecovered(found, exclusive)
		},
	}
	cmd.Flags().BoolVar(&exclusive, "exclusive-key", false, "nobody else uses the key: what is found was bought by the order")
	p.serviceFlags(cmd)
	return cmd
}

// recoveredView is an order that was open, with one number that it may have bought,
// as it is printed for programs.
type recoveredView struct {
	Order     string                  `json:"order"` // several lines with the same are candidates for one order
	OrderedAt time.Time               `json:"ordered_at"`
	Service   string                  `json:"service"`
	Country   string                  `json:"country"`
	Result    string                  `json:"result"`
	ID        tempnumber.ActivationID `json:"id"` // 0 when nothing was found
	Number    string                  `json:"number"`
}

// The results of a recovery.
const (
	resultBought    = "bought"
	resultCandidate = "candidate"
	resultNothing   = "nothing"
	resultUnknown   = "unknown"
)

// recoveredViews returns what is known of an order.
func recoveredViews(r journal.Recovery, exclusive bool) []recoveredView {
	v := recoveredView{Order: r.Order, OrderedAt: r.Intent.SentAt, Service: r.Intent.ServiceID, Country: r.Intent.CountryID}
	switch {
	case r.State == journal.Bought:
		v.Result, v.ID, v.Number = resultBought, r.ID, r.Number
	case r.Nothing:
		v.Result = resultNothing
	case len(r.Found) == 0:
		v.Result = resultUnknown
	}
	if v.Result != "" {
		return []recoveredView{v}
	}
	var views []recoveredView
	for _, a := range r.Found {
		v.Result, v.ID, v.Number = resultCandidate, a.ID, a.Phone.E164()
		if exclusive && len(r.Found) == 1 {
			v.Result = resultBought
		}
		views = append(views, v)
	}
	return views
}

// printRecovered lists what was found, and then closes the orders.
func (p *program) printRecovered(found []journal.Recovery, exclusive bool) error {
	var views []recoveredView
	open := 0
	var unread error
	for _, r := range found {
		these := recoveredViews(r, exclusive)
		if these[0].Result == resultUnknown {
			open++
			unread = errors.Join(unread, r.Err)
		}
		views = append(views, these...)
	}
	if len(views) == 0 {
		p.console.note("no open orders found")
	}
	err := printMany(p, views, func(w io.Writer) error {
		if len(views) == 0 {
			return nil
		}
		t := table{
			header: []string{"ORDERED", "SERVICE", "COUNTRY", "RESULT", "ID", "NUMBER"},
			right:  []bool{4: true}, narrow: []int{1}, drop: []int{0, 2, 1},
		}
		for _, v := range views {
			id := ""
			if v.ID != 0 {
				id = v.ID.String()
			}
			t.add(localTime(&v.OrderedAt), v.Service, v.Country, v.Result, id, v.Number)
		}
		return p.printTable(w, &t)
	})
	if err != nil {
		return err
	}
	for _, r := range found {
		v := recoveredViews(r, exclusive)[0]
		if v.Result == resultUnknown {
			continue
		}
		if v.Result == resultCandidate {
			v.ID = 0 // it may be somebody else's
		}
		if err := p.purchases.journal.Settle(r.Order, v.ID); err != nil {
			return &settleError{err}
		}
	}
	switch {
	case unread != nil:
		return unread
	case open > 0:
		return &openOrdersError{open}
	}
	return nil
}

// settleError says that an order is listed again the next time.
type settleError struct{ err error }

func (e *settleError) Error() string {
	return fmt.Sprintf("it cannot be written down that these orders are done with, so they will be listed again: %v", e.err)
}

func (e *settleError) Unwrap() error { return e.err }

// openOrdersError says that it is not known yet what orders bought.
type openOrdersError struct{ count int }

func (e *openOrdersError) Error() string {
	if e.count == 1 {
		return "an order does not show in the account's history yet"
	}
	return fmt.Sprintf("%d orders do not show in the account's history yet", e.count)
}
