package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// answer says what a command that has to do with one activation prints of it.
type answer struct {
	extraction
	field      string
	stepOutput bool

	fields  []string // that --field may name
	outputs *stepOutput
}

func (o *answer) register(cmd *cobra.Command, byDefault string, fields ...string) {
	o.fields = fields
	cmd.Flags().StringVar(&o.field, "field", byDefault, "print one `FIELD` alone: "+strings.Join(fields, ", "))
	cmd.Flags().BoolVar(&o.stepOutput, "github-output", false, "write id, number, national, code and message to $GITHUB_OUTPUT")
	_ = cmd.RegisterFlagCompletionFunc("field", cobra.FixedCompletions(fields, cobra.ShellCompDirectiveNoFileComp))
}

// registerCode adds the flags that say which code is wanted.
func (o *answer) registerCode(cmd *cobra.Command) { o.extraction.register(cmd) }

// idRunE returns the RunE of a command about an activation that exists.
func (o *answer) idRunE(p *program, do func(context.Context, tempnumber.ActivationID) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		id, err := p.lastingID(cmd.Name(), args[0])
		if err != nil {
			return err
		}
		return o.run(p, cmd, func(ctx context.Context) error { return do(ctx, id) })
	}
}

// orderRunE returns the RunE of a command that rents a number.
func (o *answer) orderRunE(p *program, options *orderOptions, do func(context.Context, tempnumber.CreateActivationParams) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		p.purchases.wanted, p.purchases.off = true, options.noJournal
		params, err := p.orderParams(args)
		if err != nil {
			return err
		}
		return o.run(p, cmd, func(ctx context.Context) error { return do(ctx, params) }, options.options()...)
	}
}

// run opens the answer and then connects, so that flags are checked before anything
// is bought, and does what the command is for.
func (o *answer) run(p *program, cmd *cobra.Command, do func(context.Context) error, options ...tempnumber.Option) error {
	if err := o.open(p, cmd); err != nil {
		return err
	}
	defer o.outputs.close()
	ctx, cancel, err := p.connected(cmd, options...)
	if err != nil {
		return err
	}
	defer cancel()
	return do(ctx)
}

// open checks the flags, before anything is bought.
func (o *answer) open(p *program, cmd *cobra.Command) error {
	if err := o.check(); err != nil {
		return err
	}
	if cmd.Flags().Changed("field") {
		if p.settings.format.machine() {
			return usage("--field prints a text and --output %s an object; give one of them", p.settings.format)
		}
		if !slices.Contains(o.fields, o.field) {
			return usage("--field %q: there are %s here", o.field, strings.Join(o.fields, ", "))
		}
	}
	if !o.stepOutput {
		return nil
	}
	var err error
	o.outputs, err = p.openStepOutput()
	return err
}

// ordered hands on what is known as soon as a number is there.
func (o *answer) ordered(a *tempnumber.Activation) error {
	return o.outputs.setAll("id", a.ID.String(), "number", a.Phone.E164(), "national", a.Phone.National())
}

// received answers with an activation whose SMS is there.
func (o *answer) received(p *program, a *tempnumber.Activation) error {
	code := o.code(a)
	p.mask(code, string(a.Code))
	if err := o.ordered(a); err != nil {
		return err
	}
	if err := o.outputs.setAll("code", code, "message", a.Message); err != nil {
		return err
	}
	if code == "" && (o.asked() || o.field == "code" && !p.settings.format.machine()) {
		return o.missing(a.ID)
	}
	err := p.printActivation(view(a, code), o.field)
	if err == nil {
		p.purchases.told()
	}
	return err
}

// printField prints one field of an activation. A terminal gets no control
// characters out of a message.
func (p *program) printField(w io.Writer, v activationView, name string) error {
	text := v.field(name)
	if terminal(w) != nil {
		text = visible(text)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
