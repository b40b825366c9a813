package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) receiveCommand() *cobra.Command {
	var out answer
	var o orderOptions
	cmd := &cobra.Command{
		Use:     "receive SERVICE COUNTRY",
		Short:   "Rent a number, wait for its SMS and print the code",
		GroupID: groupNumbers,
		Long: `Rent a number for a service in a country, show the number at once, wait for the SMS
and print the code. The number goes to standard error, the code to standard output.

SERVICE is an id of the price list. COUNTRY is an ISO code or an English name. The code
is the one that the service read, else the one that the message announces.`,
		Example: `  tempnumber receive facebook us --mock
  tempnumber receive facebook us --max-price 0.6 --timeout 5m
  tempnumber receive acme de --match 'code is (\w+)'`,
		Args:              exactly(2, "a service and a country"),
		ValidArgsFunction: p.completeOrder,
		RunE: out.orderRunE(p, &o, func(ctx context.Context, params tempnumber.CreateActivationParams) error {
			return p.receive(ctx, params, &out)
		}),
	}
	o.register(cmd)
	out.register(cmd, "code", "code", "message", "number", "national", "id")
	out.registerCode(cmd)
	p.serviceFlags(cmd)
	return cmd
}

// receive rents a number and answers with its code.
func (p *program) receive(ctx context.Context, params tempnumber.CreateActivationParams, out *answer) error {
	ordered, err := p.order(ctx, params)
	if err != nil {
		return err
	}
	if err := out.ordered(ordered); err != nil {
		return err
	}
	return p.awaitCode(ctx, ordered.ID, ordered, nil, out)
}
