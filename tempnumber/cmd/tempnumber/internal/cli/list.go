package cli

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) listCommand() *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the activations of the account, the newest first",
		GroupID: groupNumbers,
		Long: `List the activations of the account, the newest first: about a hundred of them, or
--all. With --pending only those that wait for a number or an SMS.`,
		Example: `  tempnumber list --pending --watch
  tempnumber list --service facebook --limit 5 --json`,
		Args: exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.refuseMock("list"); err != nil {
				return err
			}
			if o.limit < 0 {
				return usage("--limit %d: it is a number of activations, or 0 for all that are looked at", o.limit)
			}
			if o.watch && o.all {
				return usage("--watch and --all together would use up the limit of 10 pages a minute; give one of them")
			}
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			look := func() (bool, error) { return false, p.list(ctx, &o) }
			if o.watch {
				return p.repeat(ctx, listPause, look)
			}
			_, err = look()
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.pending, "pending", false, "only those that wait for a number or an SMS")
	f.StringVar(&o.service, "service", "", "only those for this `SERVICE`")
	f.IntVar(&o.limit, "limit", 0, "at most `N` of them")
	f.BoolVar(&o.all, "all", false, "go through all pages; the limit is 10 pages a minute")
	repeatFlag(cmd, &o.watch, listPause)
	_ = cmd.RegisterFlagCompletionFunc("service", p.completeService)
	p.serviceFlags(cmd)
	return cmd
}

// listOptions are the flags of the list command.
type listOptions struct {
	pending, all, watch bool
	service             string
	limit               int
}

// listPause is the time between two looks at the list; 10 a minute are allowed.
const listPause = 10 * time.Second

// list lists activations.
func (p *program) list(ctx context.Context, o *listOptions) error {
	found, total, err := p.history(ctx, o.all)
	if err != nil {
		return err
	}
	if !o.all {
		p.cache().keepPending(found)
	}
	if older := total - len(found); older > 0 {
		p.console.note("%d older ones are not looked at; --all looks at all", older)
	}
	found = slices.DeleteFunc(found, func(a *tempnumber.Activation) bool {
		return o.pending && !isPending(a) || o.service != "" && !strings.EqualFold(a.ServiceID, o.service)
	})
	if o.limit > 0 && len(found) > o.limit {
		p.console.note("%d of %d activations", o.limit, len(found))
		found = found[:o.limit]
	}
	if len(found) == 0 {
		kind := ""
		if o.pending {
			kind = "pending "
		}
		if o.service != "" {
			p.console.note("no %sactivations for %s found", kind, o.service)
		} else {
			p.console.note("no %sactivations found", kind)
		}
	}
	return p.printActivations(found)
}

// isPending reports whether an activation waits for its number or an SMS.
func isPending(a *tempnumber.Activation) bool { return !a.Status.Terminal() && !a.Status.HasSMS() }

// historyPage is how many activations are asked for at a time. The service may grant less.
const historyPage = 100

// history returns activations, the newest first, and how many there are. The order
// of the service's pages is not documented: it is taken from the times and the ids.
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
		if n := len(page.Activations); page.Pages > 1 && n > 1 && newestFirst(page.Activations[0], page.Activations[n-1]) > 0 {
			if page, err = p.client.ActivationsPage(ctx, tempnumber.ListParams{Page: page.Pages, PageSize: historyPage}); err != nil {
				return nil, 0, err
			}
		}
		found, total = page.Activations, page.Total
	}
	slices.SortFunc(found, newestFirst)
	return found, total, nil
}

// newestFirst orders activations by their time, and by their id where the service
// did not say when they were ordered.
func newestFirst(a, b *tempnumber.Activation) int {
	if a.CreatedAt.IsZero() || b.CreatedAt.IsZero() {
		return cmp.Compare(b.ID, a.ID)
	}
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
}

// printActivations answers with a list.
func (p *program) printActivations(found []*tempnumber.Activation) error {
	var none extraction
	views := make([]activationView, 0, len(found))
	for _, a := range found {
		views = append(views, view(a, none.codeIfAny(a)))
	}
	return printMany(p, views, func(w io.Writer) error {
		if len(views) == 0 {
			return nil
		}
		const codeColumn = 5
		style := p.env.styleOf(w)
		t := table{
			header: []string{"ID", "STATUS", "NUMBER", "SERVICE", "COUNTRY", "CODE", "DOLLARS", "CREATED"},
			right:  []bool{0: true, 6: true},
			narrow: []int{3, 1}, drop: []int{7, 6, 4, 3, 1, 2},
			mark: func(_, column int) func(string) string {
				if column == codeColumn {
					return style.marked
				}
				return nil
			},
		}
		for _, v := range views {
			t.add(v.ID.String(), v.Status, v.Number, v.Service, v.Country, v.Code, v.Price.String(), localTime(v.CreatedAt))
		}
		return p.printTable(w, &t)
	})
}
