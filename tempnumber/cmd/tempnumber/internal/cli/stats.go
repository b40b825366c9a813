package cli

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
)

func (p *program) statsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "stats",
		Short:   "Show how many numbers received their SMS, by service and country",
		GroupID: groupAccount,
		Long: `Show for each service in each country how many activations of the last 24 hours received
an SMS, counted from the account's history.

The service closes a pair for 24 hours when fewer than 7 % of its activations receive
one, from the fifth on. LEFT is how many more may stay without an SMS until then.`,
		Args: exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.refuseMock("stats"); err != nil {
				return err
			}
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			stats, err := p.client.DeliveryStats(ctx)
			if err != nil {
				return err
			}
			var views []statView
			for _, s := range stats {
				views = append(views, statView{s.ServiceID, s.CountryID, s.Asked, s.Delivered, s.Pending, s.Rate, s.Left})
			}
			return printMany(p, views, func(w io.Writer) error {
				if len(views) == 0 {
					p.console.note("no activations of the last 24 hours found")
					return nil
				}
				t := table{
					header: []string{"SERVICE", "COUNTRY", "ORDERED", "RECEIVED", "PENDING", "RATE", "LEFT"},
					right:  []bool{false, false, true, true, true, true, true},
					narrow: []int{0}, drop: []int{4, 3, 2},
				}
				for _, v := range views {
					t.add(v.Service, v.Country, strconv.Itoa(v.Ordered), strconv.Itoa(v.Received), strconv.Itoa(v.Pending),
						fmt.Sprintf("%.0f %%", v.Rate*100), strconv.Itoa(v.Left))
				}
				return p.printTable(w, &t)
			})
		},
	}
	p.serviceFlags(cmd)
	return cmd
}

// statView is a delivery rate as it is printed for programs.
type statView struct {
	Service  string  `json:"service"`
	Country  string  `json:"country"`
	Ordered  int     `json:"ordered"`
	Received int     `json:"received"`
	Pending  int     `json:"pending"`
	Rate     float64 `json:"rate"` // received of ordered, from 0 to 1
	Left     int     `json:"left"`
}
