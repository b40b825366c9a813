package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) waitCommand() *cobra.Command {
	var out answer
	cmd := &cobra.Command{
		Use:     "wait ID",
		Short:   "Wait for the SMS of a number and print the code",
		GroupID: groupNumbers,
		Long: `Wait for the SMS of an activation and print the code. A wait that was interrupted or
ran out of time can be taken up again as long as the number lives, in any process.

Without --timeout it ends with the number's life, 20 minutes at most. To test that
nothing is sent, expect exit code 3.`,
		Example: `  CODE=$(tempnumber wait 12312 --timeout 90s)
  tempnumber wait 12312 --digits 6 --json`,
		Args:              exactly(1, "the id of an activation"),
		ValidArgsFunction: p.completeID,
		RunE: out.idRunE(p, func(ctx context.Context, id tempnumber.ActivationID) error {
			return p.awaitCode(ctx, id, nil, nil, &out)
		}),
	}
	out.register(cmd, "code", "code", "message", "number", "national", "id")
	out.registerCode(cmd)
	p.serviceFlags(cmd)
	return cmd
}

// lastingID reads the id of an activation that an earlier command ordered.
func (p *program) lastingID(command, text string) (tempnumber.ActivationID, error) {
	id, err := tempnumber.ParseActivationID(text)
	if err != nil {
		return 0, err
	}
	return id, p.refuseMock(command)
}

// awaitCode waits for the SMS of an activation and answers with it. ordered is the
// activation when it was ordered just now, former the one whose SMS is not wanted
// again; both may be nil.
func (p *program) awaitCode(ctx context.Context, id tempnumber.ActivationID, ordered, former *tempnumber.Activation, out *answer) error {
	a, err := p.await(ctx, id, ordered, former)
	if err != nil {
		return err
	}
	return out.received(p, a)
}

// await waits for the SMS of an activation and shows how it goes.
func (p *program) await(ctx context.Context, id tempnumber.ActivationID, ordered, former *tempnumber.Activation) (*tempnumber.Activation, error) {
	show := p.showProgress(ordered == nil)
	defer show.end()
	if ordered != nil {
		if err := show.update(ordered); err != nil {
			return nil, err
		}
	}
	return p.client.WaitSMS(ctx, id, tempnumber.OnUpdate(show.update), tempnumber.After(former))
}
