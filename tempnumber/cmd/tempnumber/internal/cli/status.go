package cli

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

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
when the next can go.`,
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

// printStatus prints the status for people.
func (p *program) printStatus(w io.Writer, s *sharing.Status) error {
	limits := table{
		header: []string{"LIMIT", "FREE", "OF", "LINE", "NEXT"},
		right:  []bool{false, true, true, true, true},
		narrow: []int{0}, drop: []int{2},
	}
	for _, l := range s.Limits {
		next := "now"
		if l.Next > 0 {
			next = roundly(l.Next).String()
		}
		limits.add(l.Endpoint, strconv.Itoa(l.Free), fmt.Sprintf("%d in %v", l.Requests, l.Window), strconv.Itoa(l.Line), next)
	}
	if err := p.printTable(w, &limits); err != nil {
		return err
	}
	others := 0
	for _, program := range s.Programs {
		if !program.Self {
			others++
		}
	}
	if _, err := fmt.Fprintf(w, "\nother programs: %d, numbers waited for: %d\n", others, len(s.Waits)); err != nil {
		return err
	}
	if s.Unread > 0 {
		if _, err := fmt.Fprintf(w, "entries that cannot be read, made without the key or by a later version: %d\n", s.Unread); err != nil {
			return err
		}
	}
	if len(s.Waits) == 0 {
		return nil
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
	ID    string  `json:"id"`
	Self  bool    `json:"self"`
	Heard float64 `json:"heard"` // seconds ago
	Waits int     `json:"waits"`
}

type statusLimit struct {
	Endpoint string  `json:"endpoint"`
	Requests int     `json:"requests"`
	Window   float64 `json:"window"`
	Free     int     `json:"free"`
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
		v.Programs = append(v.Programs, statusProgram{p.ID, p.Self, seconds(p.Heard), p.Waits})
	}
	for _, l := range s.Limits {
		v.Limits = append(v.Limits, statusLimit{l.Endpoint, l.Requests, l.Window.Seconds(), l.Free, l.Line, seconds(l.Next), seconds(l.Closed)})
	}
	for _, w := range s.Waits {
		v.Waits = append(v.Waits, statusWait{w.Activation, seconds(w.Since), seconds(w.Left), w.Programs})
	}
	return v
}
