package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) anotherCommand() *cobra.Command {
	var out answer
	var wait bool
	cmd := &cobra.Command{
		Use:     "another ID",
		Short:   "Ask for another SMS on the same number, free of charge",
		GroupID: groupNumbers,
		Long: `Ask for another SMS on a number that has received one, free of charge; the service does
not guarantee that it comes. The former message and code cannot be read any more. With
--wait it waits for the new SMS and prints its code, never the former one.`,
		Example: `  tempnumber another 12312 --wait --timeout 90s
  tempnumber another 12312 && click-send-again && tempnumber wait 12312`,
		Args:              exactly(1, "the id of an activation"),
		ValidArgsFunction: p.completeID,
		RunE: out.idRunE(p, func(ctx context.Context, id tempnumber.ActivationID) error {
			former, err := p.client.Activation(ctx, id)
			if err != nil {
				return err
			}
			if err := p.client.RequestAnotherSMS(ctx, id); err != nil {
				return err
			}
			if wait {
				return p.awaitCode(ctx, id, nil, former, &out)
			}
			p.console.note("another SMS is asked for; wait for it with: %s", p.commandFor("wait", id))
			return printOne(p, askedView{id, string(tempnumber.StatusRetryRequested)}, func(io.Writer) error { return nil })
		}),
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "wait for the SMS and print the code")
	out.register(cmd, "code", "code", "message", "number", "national", "id")
	out.registerCode(cmd)
	p.serviceFlags(cmd)
	return cmd
}

// askedView is an activation for which another SMS was asked for. The service
// confirms it without showing the activation.
type askedView struct {
	ID     tempnumber.ActivationID `json:"id"`
	Status string                  `json:"status"`
}
