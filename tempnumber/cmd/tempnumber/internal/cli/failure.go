package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// The exit codes. exitCodesHelp documents them.
const (
	exitOK          = 0
	exitOther       = 1
	exitUsage       = 2
	exitNoSMS       = 3
	exitKey         = 4
	exitEnded       = 5
	exitFunds       = 6
	exitPrice       = 7
	exitUnavailable = 8
	exitLimited     = 9
	exitInterrupted = 130
)

// failure is the reason why a command failed, as it is reported.
type failure struct {
	Kind     string                  `json:"kind"` // one word for programs; it stays the same
	ExitCode int                     `json:"exit_code"`
	Message  string                  `json:"message"`
	Hint     string                  `json:"hint"` // what to do; may be empty
	ID       tempnumber.ActivationID `json:"id,omitempty"`
	Number   string                  `json:"number,omitempty"`
	NewPrice tempnumber.Amount       `json:"new_price,omitempty"`
	// Candidates are the activations that an order whose answer was lost may have bought.
	Candidates []tempnumber.ActivationID `json:"candidates,omitempty"`
}

// fail reports why the command failed, and returns its exit code.
func (p *program) fail(ctx context.Context, args []string, err error) int {
	if !p.started {
		// Neither the flags nor the arguments were right, so no command ran.
		err = usageError{err}
	}
	f := p.failureOf(ctx, err)
	if p.console != nil {
		p.console.clear()
	}
	if p.wantsJSON(args) {
		_ = writeJSON(p.env.Stderr, struct {
			Error failure `json:"error"`
		}{f}, "")
		return f.ExitCode
	}
	style := p.env.styleOf(p.env.Stderr)
	_, _ = fmt.Fprintf(p.env.Stderr, "%s %s\n", style.red("error:"), f.Message)
	if f.Hint != "" {
		_, _ = fmt.Fprintf(p.env.Stderr, "%s  %s\n", style.bold("hint:"), f.Hint)
	}
	return f.ExitCode
}

// wantsJSON reports whether errors are wanted as JSON. A command line that is wrong
// may say so as well.
func (p *program) wantsJSON(args []string) bool {
	if p.settings.format != "" {
		return p.settings.format == formatJSON || p.settings.format == formatJSONL
	}
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--output=")
		if !ok {
			value, ok = strings.CutPrefix(arg, "-o")
			value = strings.TrimPrefix(value, "=")
		}
		if (arg == "--output" || arg == "-o") && i+1 < len(args) {
			value, ok = args[i+1], true
		}
		if arg == "--json" || ok && (value == string(formatJSON) || value == string(formatJSONL)) {
			return true
		}
	}
	return false
}

// failureOf finds out what an error means to the user.
func (p *program) failureOf(ctx context.Context, err error) failure {
	f := failure{Kind: "other", ExitCode: exitOther, Message: plain(err)}
	var api *tempnumber.APIError
	if errors.As(err, &api) {
		f.NewPrice = api.NewPrice
	}
	var wait *tempnumber.WaitError
	if errors.As(err, &wait) {
		f.ID = wait.ID
		if last := p.lastSeen(wait); last != nil {
			f.Number = last.Phone.E164()
		}
		f.Message = fmt.Sprintf("activation %v: %s", wait.ID, plain(wait.Err))
		f.Hint = p.resume(wait)
	}
	var wrong usageError
	switch {
	case ctx.Err() != nil:
		f.Kind, f.ExitCode, f.Message = "interrupted", exitInterrupted, "interrupted"
		switch {
		case wait != nil:
			f.Message = fmt.Sprintf("interrupted while waiting for the SMS of activation %v", wait.ID)
		case errors.Is(err, tempnumber.ErrOutcomeUnknown):
			f.Message, f.Hint = "interrupted while an order was on its way", hintLost
		}
		return f
	case errors.As(err, &wrong):
		f.Kind, f.ExitCode = "usage", exitUsage
		return f
	case wait != nil && errors.Is(wait.Err, context.DeadlineExceeded):
		p.tooLate(&f, wait)
		return f
	}
	var lost *lostOrderError
	if errors.As(err, &lost) {
		p.lost(&f, lost)
		return f
	}
	for _, known := range knownFailures() {
		if errors.Is(err, known.err) {
			f.Kind, f.ExitCode, f.Hint = known.kind, known.exit, known.hint
			return f
		}
	}
	var transport *tempnumber.TransportError
	if errors.As(err, &transport) {
		f.Kind, f.Hint = "network", "check the network, and --base-url if you gave one"
	}
	return f
}

// plain is an error's text for users of the tool: without the name of the library
// before it, and of a refusal first what it means and then the service's words.
func plain(err error) string {
	var api *tempnumber.APIError
	if !errors.As(err, &api) {
		return strings.TrimPrefix(err.Error(), "tempnumber: ")
	}
	said := fmt.Sprintf("%s %s: %d %s %s", api.Method, api.Path, api.StatusCode, api.Name, api.Message)
	said = strings.Join(strings.Fields(said), " ")
	for _, known := range knownFailures() {
		if errors.Is(api, known.err) {
			said = fmt.Sprintf("%s (%s)", cmp.Or(known.says, known.err.Error()), said)
			break
		}
	}
	if api.NewPrice > 0 {
		said += fmt.Sprintf("; the price is now %v", api.NewPrice)
	}
	return said
}

// knownFailure says what an error of the library means to the tool.
type knownFailure struct {
	err  error
	kind string
	exit int
	hint string
	says string // in place of the error's own words, where those speak of the library; mostly empty
}

// knownFailures are the errors that the tool distinguishes, the more exact ones first.
func knownFailures() []knownFailure {
	return []knownFailure{
		{errNoCode, "no_code", exitOther, "the whole text: --field message", ""},
		{errNoSMSYet, "no_sms", exitNoSMS, "wait for it: tempnumber wait ID", ""},
		{errNoNumbers, "no_numbers", exitUnavailable, "see other countries: tempnumber prices --service SERVICE", ""},
		{tempnumber.ErrOutcomeUnknown, "outcome_unknown", exitOther, "", ""},
		{tempnumber.ErrInvalidInput, "usage", exitUsage, "", ""},
		{tempnumber.ErrUnauthorized, "unauthorized", exitKey, "", ""},
		{tempnumber.ErrAccountOnHold, "account_on_hold", exitKey, "", ""},
		{tempnumber.ErrExpired, "expired", exitEnded, "order another number", ""},
		{tempnumber.ErrRefunded, "refunded", exitEnded, "the price is back on the balance; order another number", ""},
		{tempnumber.ErrActivationFailed, "failed", exitEnded, "order another number", ""},
		{tempnumber.ErrGone, "gone", exitEnded, "order another number", ""},
		{tempnumber.ErrInsufficientFunds, "no_funds", exitFunds, "", ""},
		{tempnumber.ErrPriceChanged, "price", exitPrice, "allow more with --max-price, or see other countries: tempnumber prices --service SERVICE", "the price is above --max-price"},
		{tempnumber.ErrTooManyPending, "too_many_pending", exitLimited, "see them: tempnumber list --pending", ""},
		{tempnumber.ErrLowSuccessRate, "delivery_rate", exitLimited, "take another country for this service; see tempnumber stats", ""},
		{tempnumber.ErrRateLimited, "rate_limited", exitLimited, "allow more time with --timeout", ""},
		{tempnumber.ErrUnavailable, "unavailable", exitUnavailable, "", ""},
		{tempnumber.ErrNotFound, "not_found", exitOther, "see what there is: tempnumber list", "there is no such activation, service or country"},
		{tempnumber.ErrBadState, "bad_state", exitOther, "", ""},
		{tempnumber.ErrInvalidRequest, "invalid_request", exitOther, "see the ids of services and countries: tempnumber prices", ""},
		{tempnumber.ErrInvalidResponse, "invalid_response", exitOther, "", ""},
		{context.DeadlineExceeded, "timeout", exitOther, "allow more time with --timeout", ""},
	}
}

// hintLost is what to do when it is not known what became of an order.
const hintLost = "look before ordering again: tempnumber list --pending"

// lost describes an order whose answer was lost.
func (p *program) lost(f *failure, lost *lostOrderError) {
	f.Kind, f.ExitCode, f.Message, f.Hint = "outcome_unknown", exitOther, lost.Error(), hintLost
	if len(lost.candidates) == 0 && errors.Is(lost.err, tempnumber.ErrUnavailable) {
		f.Kind, f.ExitCode = "unavailable", exitUnavailable // and most likely nothing was bought
	}
	for _, a := range lost.candidates {
		f.Candidates = append(f.Candidates, a.ID)
	}
	if len(lost.candidates) == 1 {
		f.ID, f.Number = lost.candidates[0].ID, lost.candidates[0].Phone.E164()
		f.Hint = "if nobody else uses the key, it is yours; wait for its SMS with: " + p.commandFor("wait", f.ID)
	}
}

// resume returns the hint how to continue a wait.
func (p *program) resume(wait *tempnumber.WaitError) string {
	if p.settings.mock {
		return "" // its numbers end with the command
	}
	hint := "wait on with: " + p.commandFor("wait", wait.ID)
	if last := p.lastSeen(wait); last != nil && last.Remaining() > 0 {
		ends := time.Now().Add(last.Remaining())
		hint = fmt.Sprintf("the number lives until %s; %s", ends.Format(time.TimeOnly), hint)
	}
	return hint
}

// lastSeen is the activation as it was seen last, nil when it never was.
func (p *program) lastSeen(wait *tempnumber.WaitError) *tempnumber.Activation {
	return cmp.Or(wait.Last, p.ordered)
}

// tooLate describes a wait that ran out of time.
func (p *program) tooLate(f *failure, wait *tempnumber.WaitError) {
	waited := wait.Elapsed.Round(time.Millisecond)
	if waited > 10*time.Second {
		waited = waited.Round(time.Second)
	}
	a := wait.Last
	switch {
	case a != nil:
		f.Kind, f.ExitCode = "no_sms", exitNoSMS
		f.Message = fmt.Sprintf("no SMS for activation %v (%s, %s in %s) within %v; its status is %s",
			wait.ID, a.Phone.E164(), visible(a.ServiceID), visible(a.CountryID), waited, visible(string(a.Status)))
	// A test that expects no SMS must not pass because the service could not be asked.
	case p.watch.wasRefused():
		f.Kind, f.ExitCode = "rate_limited", exitLimited
		f.Message = fmt.Sprintf("activation %v could not be looked at within %v, because the rate limit is used up", wait.ID, waited)
	default:
		f.Kind, f.ExitCode = "timeout", exitOther
		f.Message = fmt.Sprintf("activation %v could not be looked at within %v, because the service did not answer", wait.ID, waited)
	}
}

// commandFor writes a command of the tool for an activation, to be copied.
func (p *program) commandFor(command string, id tempnumber.ActivationID) string {
	line := "tempnumber " + command + " " + id.String()
	if p.flags.baseURL != "" {
		line += " --base-url " + p.flags.baseURL
	}
	return line
}

// What the tool itself says, for errors.Is.
var (
	errNoCode    = errors.New("the SMS came, but no code is in it")
	errNoSMSYet  = errors.New("no SMS has come yet")
	errNoNumbers = errors.New("no numbers to be had")
)
