package cli

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

func (p *program) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show which programs share the key, what is left of its limits, and who waits",
		GroupID: groupAccount,
		Long: `Show which programs share the key now, what is left of each limit, and which numbers are
waited for. It comes from the log that the programs share; no request is sent.

FREE is how many requests could be sent now, LINE how many programs wait to send one, NEXT
when the next can go. Programs that do not wait have ended, or have nothing to do.`,
		Args: exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.refuseMock("status"); err != nil {
				return err
			}
			if p.settings.share.value == shareOff {
				return usage("status: the limits are not shared; leave %s away", p.settings.share.where)
			}
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			status, err := p.client.SharedStatus(ctx)
			if err != nil {
				return err
			}
			return printOne(p, statusViewOf(status), func(w io.Writer) error { return p.printStatus(w, status) })
		},
	}
	p.serviceFlags(cmd)
	return cmd
}

// limitNames says what the requests of an endpoint are for.
func limitNames() map[tempnumber.Endpoint]string {
	return map[tempnumber.Endpoint]string{
		tempnumber.EndpointCreateActivation: "orders",
		tempnumber.EndpointGetActivation:    "looks at a number",
		tempnumber.EndpointListActivations:  "lists of numbers",
		tempnumber.EndpointUpdateActivation: "another SMS",
		tempnumber.EndpointBalance:          "balance",
		tempnumber.EndpointOffer:            "offers",
		tempnumber.EndpointPricesByCountry:  "prices by country",
		tempnumber.EndpointPricesByService:  "prices by service",
	}
}

// printStatus prints the status for people.
func (p *program) printStatus(w io.Writer, s *sharing.Status) error {
	limits := table{
		header: []string{"LIMIT OF", "FREE", "OF", "LINE", "NEXT", "ENDPOINT"},
		right:  []bool{false, true, true, true, true},
		narrow: []int{5}, drop: []int{5, 2},
	}
	names, orders := limitNames(), 0
	for _, l := range s.Limits {
		next := "now"
		if l.Next > 0 {
			next = roundly(l.Next).String()
		}
		if tempnumber.Endpoint(l.Endpoint) == tempnumber.EndpointCreateActivation {
			orders = l.InFlight
		}
		limits.add(cmp.Or(names[tempnumber.Endpoint(l.Endpoint)], l.Endpoint), strconv.Itoa(l.Free), fmt.Sprintf("%d in %v", l.Requests, l.Window),
			strconv.Itoa(l.Line), next, l.Endpoint)
	}
	if err := p.printTable(w, &limits); err != nil {
		return err
	}
	working, others := 0, 0
	for _, program := range s.Programs {
		switch {
		case program.Self:
		case program.Waits > 0 || program.InLine:
			working++
		default:
			others++
		}
	}
	details := []detail{
		{name: "Other programs", value: fmt.Sprintf("%d waiting, %d more in the last 2 minutes", working, others)},
		{name: "Orders", value: fmt.Sprintf("%d on their way", orders)},
		{name: "Numbers", value: fmt.Sprintf("%d waited for", len(s.Waits))},
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := writeDetails(w, p.env.styleOf(w), details); err != nil {
		return err
	}
	if len(s.Waits) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	waits := table{header: []string{"ID", "WAITED", "LEFT", "PROGRAMS"}, right: []bool{true, true, true, true}, drop: []int{3}}
	for _, wait := range s.Waits {
		waits.add(strconv.FormatInt(wait.Activation, 10), roundly(wait.Since).String(), roundly(max(wait.Left, 0)).String(), strconv.Itoa(wait.Programs))
	}
	return p.printTable(w, &waits)
}

// statusView is the status as it is printed for programs, times in seconds.
type statusView struct {
	Programs []statusProgram `json:"programs"`
	Limits   []statusLimit   `json:"limits"`
	Waits    []statusWait    `json:"waits"`
	Unread   int             `json:"unread"`
}

type statusProgram struct {
	ID     string  `json:"id"`
	Self   bool    `json:"self"`
	Heard  float64 `json:"heard"` // seconds ago
	Waits  int     `json:"waits"`
	InLine bool    `json:"in_line"` // it waits to send a request
}

type statusLimit struct {
	Endpoint string  `json:"endpoint"`
	Requests int     `json:"requests"`
	Window   float64 `json:"window"`
	Free     int     `json:"free"`
	InFlight int     `json:"in_flight"`
	Line     int     `json:"line"`
	Next     float64 `json:"next"`
	Closed   float64 `json:"closed"`
}

type statusWait struct {
	ID       int64   `json:"id"`
	Waited   float64 `json:"waited"`
	Left     float64 `json:"left"`
	Programs int     `json:"programs"`
}

func statusViewOf(s *sharing.Status) statusView {
	v := statusView{Programs: []statusProgram{}, Limits: []statusLimit{}, Waits: []statusWait{}, Unread: s.Unread}
	seconds := func(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
	for _, p := range s.Programs {
		v.Programs = append(v.Programs, statusProgram{p.ID, p.Self, seconds(p.Heard), p.Waits, p.InLine})
	}
	for _, l := range s.Limits {
		v.Limits = append(v.Limits, statusLimit{l.Endpoint, l.Requests, l.Window.Seconds(), l.Free, l.InFlight, l.Line, seconds(l.Next), seconds(l.Closed)})
	}
	for _, w := range s.Waits {
		v.Waits = append(v.Waits, statusWait{w.Activation, seconds(w.Since), seconds(w.Left), w.Programs})
	}
	return v
}
