package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/country"
)

func (p *program) showCommand() *cobra.Command {
	var out answer
	var watch bool
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "Show an activation as it is now, without waiting",
		GroupID: groupNumbers,
		Long: `Show an activation as it is now: state, number, message, code, price and times.

With --field code or message and no SMS yet, it ends with exit code 3.`,
		Example: `  tempnumber show 12312
  tempnumber show 12312 --field message`,
		Args:              exactly(1, "the id of an activation"),
		ValidArgsFunction: p.completeID,
		RunE: out.idRunE(p, func(ctx context.Context, id tempnumber.ActivationID) error {
			if watch {
				return p.repeat(ctx, showPause, func() (bool, error) {
					a, err := p.client.Activation(ctx, id)
					if err != nil {
						return false, err
					}
					return a.Status.Terminal(), p.printActivation(view(a, out.codeIfAny(a)), "")
				})
			}
			a, err := p.client.Activation(ctx, id)
			if err != nil {
				return err
			}
			switch {
			case a.Status.HasSMS() || a.Message != "":
				return out.received(p, a)
			case out.field == "code" || out.field == "message" || out.asked():
				return &activationError{errNoSMSYet, id, fmt.Sprintf("no SMS has come yet for activation %v; its status is %s", id, a.Status)}
			}
			if err := out.ordered(a); err != nil {
				return err
			}
			return p.printActivation(view(a, ""), out.field)
		}),
	}
	out.register(cmd, "", "code", "message", "number", "national", "id")
	out.registerCode(cmd)
	repeatFlag(cmd, &watch, showPause)
	p.serviceFlags(cmd)
	return cmd
}

// showPause is the time between two looks at an activation; 80 in two minutes are
// allowed, for all of them together.
const showPause = 5 * time.Second

// printActivation answers with an activation: one field of it, or all in the form
// that is asked for.
func (p *program) printActivation(v activationView, field string) error {
	return printOne(p, v, func(w io.Writer) error {
		if field != "" {
			return p.printField(w, v, field)
		}
		return writeDetails(w, p.env.styleOf(w), []detail{
			{name: "activation", value: v.ID.String()},
			{name: "status", value: v.Status},
			{name: "number", value: v.Number},
			{name: "national", value: v.National},
			{name: "service", value: named(v.Service, v.ServiceName)},
			{name: "country", value: named(v.Country, country.Name(v.Country))},
			{name: "code", value: v.Code, marked: true},
			{name: "message", value: v.Message},
			{name: "price", value: v.Price.String() + " dollars"},
			{name: "created", value: localTime(v.CreatedAt)},
			{name: "expires", value: localTime(v.ExpiresAt)},
			{name: "time left", value: timeLeft(v.SecondsLeft)},
			{name: "another SMS", value: yesNo(v.RetryAvailable, "may be asked for", "")},
		})
	})
}

// named writes an id and the name that goes with it.
func named(id, name string) string {
	if name == "" || name == id {
		return id
	}
	return id + " (" + name + ")"
}

// localTime writes a moment for people, in the time of their clock.
func localTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

func timeLeft(seconds int) string {
	if seconds <= 0 {
		return ""
	}
	return clock(time.Duration(seconds) * time.Second)
}

func yesNo(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}
