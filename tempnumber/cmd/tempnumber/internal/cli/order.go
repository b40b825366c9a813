package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/country"
)

func (p *program) orderCommand() *cobra.Command {
	var out answer
	var o orderOptions
	cmd := &cobra.Command{
		Use:     "order SERVICE COUNTRY",
		Short:   "Rent a number and print its id and the number",
		GroupID: groupNumbers,
		Long: `Rent a number for a service in a country and print the id of the activation and the
number in E.164, with a space between. Type the number in, then wait by the id.`,
		Example: `  tempnumber order facebook us
  read -r ID NUMBER < <(tempnumber order facebook us --max-price 0.6)
  tempnumber order facebook us --json | jq -r '.id, .national'`,
		Args:              exactly(2, "a service and a country"),
		ValidArgsFunction: p.completeOrder,
		RunE: out.orderRunE(p, &o, func(ctx context.Context, params tempnumber.CreateActivationParams) error {
			a, err := p.order(ctx, params)
			if err == nil {
				a, err = p.awaitNumber(ctx, a)
			}
			if err != nil {
				return err
			}
			if err := out.ordered(a); err != nil {
				return err
			}
			v := view(a, "")
			err = printOne(p, v, func(w io.Writer) error {
				if out.field != "" {
					return p.printField(w, v, out.field)
				}
				_, err := fmt.Fprintln(w, v.ID, v.Number)
				return err
			})
			if err == nil {
				p.purchases.told()
				if terminal(p.env.Stdout) != nil && out.field == "" && !p.settings.format.machine() {
					p.console.note("type the number in, then wait for its SMS with: %s", p.commandFor("wait", a.ID))
				}
			}
			return err
		}),
	}
	o.register(cmd)
	out.register(cmd, "", "number", "national", "id")
	p.serviceFlags(cmd)
	return cmd
}

// orderOptions are the flags of commands that rent a number.
type orderOptions struct{ exclusive, guard, noJournal bool }

func (o *orderOptions) register(cmd *cobra.Command) {
	cmd.Flags().String("max-price", "", "the most that the number may cost, in `DOLLARS` (default no limit)")
	cmd.Flags().BoolVar(&o.exclusive, "exclusive-key", false, "nobody else uses the key: when the answer to the order is lost, take the number that it bought")
	cmd.Flags().BoolVar(&o.noJournal, "no-journal", false, "do not write the order down before it is sent; what a crash loses is not found again by recover")
	cmd.Flags().BoolVar(&o.guard, "delivery-guard", false, "do not order what could bring the pair below 7 % delivered and so close it for a day")
}

func (o *orderOptions) options() []tempnumber.Option {
	var opts []tempnumber.Option
	if o.exclusive {
		opts = append(opts, tempnumber.WithExclusiveKey())
	}
	if o.guard {
		opts = append(opts, tempnumber.WithDeliveryGuard())
	}
	return opts
}

// orderParams reads the service and the country that a number is wanted for.
func (p *program) orderParams(args []string) (tempnumber.CreateActivationParams, error) {
	id, ok := country.ID(args[1])
	if !ok {
		return tempnumber.CreateActivationParams{}, unknownCountry(args[1])
	}
	p.asked = tempnumber.CreateActivationParams{ServiceID: args[0], CountryID: id, MaxPrice: p.settings.maxPrice}
	return p.asked, nil
}

// order rents a number. When the answer is lost it looks for what was bought, and
// names it; taking it is up to the user.
func (p *program) order(ctx context.Context, params tempnumber.CreateActivationParams) (*tempnumber.Activation, error) {
	p.noteUnfinished()
	orderCtx, cancel := p.untilAnswered(ctx)
	defer cancel()
	a, err := p.purchases.record(orderCtx, func(ctx context.Context) (*tempnumber.Activation, error) {
		return p.client.CreateActivation(ctx, params)
	})
	p.purchases.bought = a
	var unknown *tempnumber.OutcomeUnknownError
	switch {
	case err == nil && ctx.Err() != nil:
		return nil, &lateOrderError{ctx.Err()}
	case errors.Is(err, tempnumber.ErrNotFound), errors.Is(err, tempnumber.ErrInvalidRequest):
		return nil, p.notFound(ctx, params, err)
	case errors.As(err, &unknown):
		p.purchases.lost = &unknown.Intent
		var candidates []*tempnumber.Activation
		if ctx.Err() == nil {
			p.console.note("the answer to the order was lost; looking for up to 30 seconds for what it bought")
			candidates, _ = p.client.Reconcile(ctx, unknown) // without any the order stays unknown
			candidates = p.purchases.unclaimed(candidates)
		}
		return nil, &lostOrderError{candidates, err}
	}
	return a, err
}

// lostOrderError says that an order may have bought a number, and which ones it
// may be.
type lostOrderError struct {
	candidates []*tempnumber.Activation
	err        error
}

func (e *lostOrderError) Error() string {
	if len(e.candidates) == 0 {
		return "the answer to the order was lost, and no number of it has shown up yet" + words(e.err)
	}
	var named []string
	for _, a := range e.candidates {
		named = append(named, fmt.Sprintf("%v (%s)", a.ID, a.Phone.E164()))
	}
	return "the answer to the order was lost; it has probably bought activation " + strings.Join(named, " or ")
}

func (e *lostOrderError) Unwrap() error { return e.err }

// awaitNumber waits until an activation has its number. Most have it at once.
func (p *program) awaitNumber(ctx context.Context, a *tempnumber.Activation) (*tempnumber.Activation, error) {
	if !a.Phone.IsZero() {
		return a, nil
	}
	enough := errors.New("the number is there")
	_, err := p.client.WaitSMS(ctx, a.ID, tempnumber.OnUpdate(func(now *tempnumber.Activation) error {
		if a = now; !now.Phone.IsZero() {
			return enough
		}
		return nil
	}))
	if err != nil && !errors.Is(err, enough) {
		return nil, err
	}
	return a, nil
}
