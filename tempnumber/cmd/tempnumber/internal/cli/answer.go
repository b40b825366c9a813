package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/smscode"
)

// answer says what a command that has to do with one activation prints of it.
type answer struct {
	extraction
	field      string
	stepOutput bool
	mask       bool
	chosen     bool // --field was given

	fields  []string // that --field may name
	outputs *stepOutput
}

func (o *answer) register(cmd *cobra.Command, byDefault string, fields ...string) {
	o.fields = fields
	if slices.Contains(fields, "code") {
		cmd.Flags().BoolVar(&o.mask, "mask", false, "have GitHub's runner mask the code in the log, by an ::add-mask:: line on standard error")
	}
	outputs := "id, number and national"
	if slices.Contains(fields, "code") {
		outputs = "id, number, national, code and message"
	}
	cmd.Flags().StringVar(&o.field, "field", byDefault, "print one `FIELD` alone: "+strings.Join(fields, ", "))
	cmd.Flags().BoolVar(&o.stepOutput, "github-output", false, "write "+outputs+" to $GITHUB_OUTPUT")
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
		if p.env.closedStdout && !o.stepOutput {
			p.env.Stdout = ClosedOutput{}
		}
		params, err := p.orderParams(args)
		if err != nil {
			return err
		}
		if cmd.Name() == "order" {
			if err := p.refuseMock("order"); err != nil {
				return err
			}
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
	o.chosen = cmd.Flags().Changed("field")
	if o.chosen {
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
	if o.mask {
		p.mask(code, string(a.Code))
	}
	p.noteDifference(a, code)
	if err := o.ordered(a); err != nil {
		return err
	}
	if err := o.outputs.setAll("code", code, "message", a.Message); err != nil {
		return err
	}
	v := view(a, code)
	labelled := o.field == "code" && !o.chosen && p.settings.format == formatTable && terminal(p.env.Stdout) != nil
	if code == "" && (o.asked() || o.field == "code" && !p.settings.format.machine()) {
		if labelled {
			_ = p.printSMS(v) // the error says what is missing
		}
		return o.missing(a.ID)
	}
	var err error
	if labelled {
		err = outputFailure(p.printSMS(v))
	} else {
		err = p.printActivation(v, o.field)
	}
	if err == nil {
		p.purchases.told()
	}
	return err
}

// printSMS shows a code and the text that it stands in to a person.
func (p *program) printSMS(v activationView) error {
	w := p.env.Stdout
	return writeDetails(w, p.env.styleOf(w), []detail{
		{name: labelActivation, value: ""}, // for its width
		{name: "Code", value: v.Code, marked: true},
		{name: "Message", value: v.Message},
	})
}

// noteDifference says that the code that the service read differs from the one that
// the text announces. Codes are secrets, so it names none.
func (p *program) noteDifference(a *tempnumber.Activation, printed string) {
	found := smscode.Find(a.Message)
	if a.Code == "" || found == "" || found == string(a.Code) || printed == "" {
		return
	}
	which := "the service's"
	if printed == found {
		which = "the one in the text"
	}
	p.console.note("the service read another code than the text of the SMS announces; this is %s", which)
}

// printField prints one field of an activation. A terminal gets no control
// characters out of a message.
func (p *program) printField(w io.Writer, v activationView, name string) error {
	text := v.field(name)
	switch {
	case terminal(w) != nil:
		text = visible(text)
	case p.env.inActions(): // it may be the log
		text = visibleLines(text)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
