package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) balanceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "balance",
		Short:   "Print how much money the account has",
		GroupID: groupAccount,
		Long:    "Print the dollars that can be spent.",
		Args:    exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			b, err := p.client.Balance(ctx)
			if err != nil {
				return err
			}
			if b.InReview != 0 {
				p.console.note("another %v dollars are in review", b.InReview)
			}
			return printOne(p, balanceView{b.Available, b.InReview}, func(w io.Writer) error {
				unit := ""
				if terminal(w) != nil { // programs want the number alone
					unit = " dollars"
				}
				_, err := fmt.Fprintf(w, "%v%s\n", b.Available, unit)
				return err
			})
		},
	}
	p.serviceFlags(cmd)
	return cmd
}

// balanceView is the balance as it is printed for programs.
type balanceView struct {
	Available tempnumber.Amount `json:"available"`
	InReview  tempnumber.Amount `json:"in_review"`
}
