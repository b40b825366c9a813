package cli

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) listCommand() *cobra.Command {
	var pending, all bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the activations of the account, the newest first",
		GroupID: groupNumbers,
		Long: `List the activations of the account, the newest first: about a hundred of them, or
--all. With --pending only those that wait for a number or an SMS, by which a number
whose id was lost can be found again.`,
		Args: exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			found, total, err := p.history(ctx, all)
			if err != nil {
				return err
			}
			if !all {
				p.cache().keepPending(found)
			}
			if more := total - len(found); more > 0 {
				p.console.note("%d older ones are not shown; --all shows all", more)
			}
			if pending {
				found = slices.DeleteFunc(found, func(a *tempnumber.Activation) bool { return !isPending(a) })
			}
			return p.printActivations(found)
		},
	}
	cmd.Flags().BoolVar(&pending, "pending", false, "only those that wait for a number or an SMS")
	cmd.Flags().BoolVar(&all, "all", false, "go through all pages; the limit is 10 pages a minute")
	return cmd
}

// isPending reports whether an activation waits for its number or an SMS.
func isPending(a *tempnumber.Activation) bool { return !a.Status.Terminal() && !a.Status.HasSMS() }

// historyPage is how many activations are asked for at a time. The service may grant less.
const historyPage = 100

// history returns activations, the newest first, and how many there are. The order
// of the service's pages is not documented: it is taken from the ids.
func (p *program) history(ctx context.Context, all bool) (found []*tempnumber.Activation, total int, err error) {
	if all {
		for a, err := range p.client.Activations(ctx, tempnumber.ListParams{}) {
			if err != nil {
				return nil, 0, err
			}
			found = append(found, a)
		}
		total = len(found)
	} else {
		page, err := p.client.ActivationsPage(ctx, tempnumber.ListParams{PageSize: historyPage})
		if err != nil {
			return nil, 0, err
		}
		if n := len(page.Activations); page.Pages > 1 && n > 1 && page.Activations[0].ID < page.Activations[n-1].ID {
			if page, err = p.client.ActivationsPage(ctx, tempnumber.ListParams{Page: page.Pages, PageSize: historyPage}); err != nil {
				return nil, 0, err
			}
		}
		found, total = page.Activations, page.Total
	}
	slices.SortFunc(found, func(a, b *tempnumber.Activation) int { return cmp.Compare(b.ID, a.ID) })
	return found, total, nil
}

// printActivations answers with a list.
func (p *program) printActivations(found []*tempnumber.Activation) error {
	var none extraction
	views := make([]activationView, 0, len(found))
	for _, a := range found {
		code := ""
		if a.Message != "" || a.Code != "" {
			code = none.code(a)
		}
		p.mask(code)
		views = append(views, view(a, code))
	}
	return printMany(p, views, func(w io.Writer) error {
		t := table{
			header: []string{"ID", "STATUS", "NUMBER", "SERVICE", "COUNTRY", "CODE", "PRICE", "CREATED"},
			right:  []bool{true, false, false, false, false, false, true, false},
			style:  p.env.styleOf(w),
		}
		for _, v := range views {
			t.add(v.ID.String(), v.Status, v.Number, v.Service, v.Country, v.Code, v.Price.String(), localTime(v.CreatedAt))
		}
		return t.write(w)
	})
}
