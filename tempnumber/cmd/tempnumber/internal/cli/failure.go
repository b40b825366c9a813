package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"syscall"
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
	exitUnreachable = 10
	exitNoCode      = 11
	exitUnknownName = 12
	exitInterrupted = 130
	exitPipe        = 141
)

// failure is the reason why a command failed, as it is reported.
type failure struct {
	Kind     string                  `json:"kind"` // one word for programs; it stays the same
	ExitCode int                     `json:"exit_code"`
	Message  string                  `json:"message"` // one sentence: what happened
	Hint     string                  `json:"hint"`    // what to do; may be empty
	ID       tempnumber.ActivationID `json:"id,omitempty"`
	Number   string                  `json:"number,omitempty"`
	NewPrice tempnumber.Amount       `json:"new_price,omitempty"`
	// DidYouMean are names that look like the one that there is not.
	DidYouMean []string `json:"did_you_mean,omitempty"`
	// Candidates are the activations that an order whose answer was lost may have bought.
	Candidates []tempnumber.ActivationID `json:"candidates,omitempty"`

	advice, command string // the hint: what to do, and a command for it that can be pasted; each may be empty
}

// fail reports why the command failed, and returns its exit code.
func (p *program) fail(ctx context.Context, args []string, err error) int {
	if !p.started {
		// Neither the flags nor the arguments were right, so no command ran.
		if quoted, ok := strings.CutPrefix(err.Error(), "unknown command "); ok { // cobra has no type for it
			if name, unquoteErr := strconv.QuotedPrefix(quoted); unquoteErr == nil {
				name, _ = strconv.Unquote(name)
				err = unknownCommand(p.root, name)
			}
		}
		err = usageError{err}
	}
	if p.console == nil {
		p.console = newConsole(p.env, true) // nothing has begun
	}
	p.console.clear()
	if errors.Is(err, syscall.EPIPE) && p.purchases.bought == nil {
		return exitPipe // whoever reads has had enough
	}
	f := p.failureOf(ctx, err)
	f.Message = visible(f.Message)
	switch {
	case f.advice != "" && f.command != "":
		f.Hint = f.advice + ": " + f.command
	default:
		f.Hint = cmp.Or(f.advice, f.command)
	}
	if p.reportFailure(args, &f) == nil {
		if f.ID != 0 {
			p.purchases.told()
		}
		if len(f.Candidates) > 0 {
			p.purchases.toldCandidates()
		}
	}
	return f.ExitCode
}

// reportFailure writes why the command failed.
func (p *program) reportFailure(args []string, f *failure) error {
	if p.wantsJSON(args) {
		var text bytes.Buffer
		if err := writeJSON(&text, struct {
			Error *failure `json:"error"`
		}{f}, ""); err != nil {
			return err
		}
		return p.console.last(text.String())
	}
	style, width := p.env.styleOf(p.env.Stderr), columns(p.env.Stderr)
	var b strings.Builder
	line := func(label string, paint func(string) string, text string) {
		b.WriteString(strings.Replace(hanging(label, text, width), label, paint(strings.TrimRight(label, " "))+label[len(strings.TrimRight(label, " ")):], 1) + "\n")
	}
	line("error: ", style.red, f.Message)
	if a := p.purchases.bought; a != nil && !p.purchases.shown && (a.Phone.IsZero() || !strings.Contains(f.Message, a.Phone.E164())) {
		line("paid:  ", style.bold, p.describe(a))
	}
	const label = "hint:  "
	switch {
	case f.Hint == "":
	case f.command == "" || width == 0 || widthOf(label+f.Hint) <= width:
		line(label, style.bold, f.Hint)
	default:
		// The command stands on a line of its own, whole, so that it can be copied.
		if f.advice != "" {
			line(label, style.bold, f.advice+":")
		} else {
			b.WriteString(style.bold("hint:") + "\n")
		}
		b.WriteString("  " + f.command + "\n")
	}
	return p.console.last(b.String())
}

// describe says in one line which number was bought.
func (p *program) describe(a *tempnumber.Activation) string {
	number := ""
	if !a.Phone.IsZero() {
		number = ", number " + a.Phone.E164()
	}
	return fmt.Sprintf("activation %v%s (%s)", a.ID, number, terms(a))
}

// terms says what a number is for, what it costs and how long it lives.
func terms(a *tempnumber.Activation) string {
	ends := ""
	if a.Remaining() > 0 {
		ends = ", until " + time.Now().Add(a.Remaining()).Format(time.TimeOnly)
	}
	return fmt.Sprintf("%s in %s, %v dollars%s", visible(a.ServiceID), visible(a.CountryID), a.Price, ends)
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
	if a := p.purchases.bought; a != nil {
		f.ID, f.Number = a.ID, a.Phone.E164()
		f.advice, f.command = p.resume(a)
	}
	var wait *tempnumber.WaitError
	if errors.As(err, &wait) {
		f.ID = wait.ID
		if last := p.lastSeen(wait); last != nil {
			f.Number = last.Phone.E164()
			f.advice, f.command = p.resume(last)
		} else if !p.settings.mock {
			f.advice, f.command = "wait on with", p.commandFor("wait", wait.ID)
		}
	}
	var wrong usageError
	var lost *lostOrderError
	var late *lateOrderError
	var output *outputError
	var unwritten *journalError
	var unknown *unknownNameError
	var open *openOrdersError
	switch {
	case errors.As(err, &lost):
		p.lost(ctx, &f, lost)
	case errors.As(err, &late):
		f.Kind, f.Message = "timeout", late.Error()
		if ctx.Err() != nil {
			f.Kind, f.ExitCode = "interrupted", exitInterrupted
		}
	case ctx.Err() != nil:
		f.Kind, f.ExitCode, f.Message = "interrupted", exitInterrupted, "interrupted"
		if wait != nil {
			f.Message = fmt.Sprintf("interrupted while waiting for the SMS of activation %v", wait.ID)
		}
	case errors.As(err, &wrong):
		f.Kind, f.ExitCode = "usage", exitUsage
		if errors.As(err, &unknown) {
			p.mistyped(&f, unknown)
		}
	case errors.As(err, &output):
		f.Kind, f.Message = "output", output.Error()
	case errors.As(err, &unwritten):
		f.Kind, f.Message = "journal", unwritten.Error()
		f.advice, f.command = "order without writing it down", p.again("--no-journal")
	case errors.As(err, &open):
		f.Kind, f.Message = "outcome_unknown", open.Error()
		f.advice, f.command = "look again in some minutes", p.again()
	case errors.As(err, &unknown):
		f.Kind, f.ExitCode, f.Message, f.DidYouMean = "unknown_"+unknown.what, exitUnknownName, unknown.Error(), unknown.similar
		f.advice, f.command = unknown.advice, unknown.command
	case wait != nil:
		p.waitFailure(&f, wait)
	default:
		p.knownFailure(&f, err)
	}
	return f
}

// mistyped describes a name on the command line that nothing has.
func (p *program) mistyped(f *failure, unknown *unknownNameError) {
	f.DidYouMean = unknown.similar
	switch {
	case len(unknown.similar) > 0:
		f.advice, f.command = "try it again", p.againInstead(unknown.name, unknown.similar[0])
	case unknown.what == "command":
		f.advice, f.command = "see the commands", shellLine([]string{"help"})
	default:
		f.Message += "; write its ISO code, us, or its English name"
	}
}

// waitFailure describes a wait that ended without an SMS.
func (p *program) waitFailure(f *failure, wait *tempnumber.WaitError) {
	expired := errors.Is(wait.Err, tempnumber.ErrExpired)
	if errors.Is(wait.Err, context.DeadlineExceeded) || errors.Is(wait.Err, tempnumber.ErrUnreachable) {
		p.tooLate(f, wait)
		return
	}
	p.knownFailure(f, wait)
	subject := fmt.Sprintf("activation %v", wait.ID)
	if f.Number != "" {
		subject += " (" + f.Number + ")"
	}
	switch {
	case errors.Is(wait.Err, tempnumber.ErrRefunded):
		f.Message = subject + " was refunded: no SMS came in its time, and the price is back on the balance"
	case expired:
		f.Message = subject + " has expired: no SMS came in its time"
	case errors.Is(wait.Err, tempnumber.ErrActivationFailed):
		f.Message = subject + " has failed for good, or is used up"
	default:
		f.Message = subject + ": " + f.Message
	}
}

// tooLate describes a wait that ran out of time.
func (p *program) tooLate(f *failure, wait *tempnumber.WaitError) {
	waited := roundly(wait.Elapsed)
	status, reason, failing := p.watch.lastFailure()
	a := wait.Last
	switch {
	case a != nil:
		f.Kind, f.ExitCode = "no_sms", exitNoSMS
		f.Message = fmt.Sprintf("no SMS for activation %v (%s, %s in %s) within %v; its status is %s",
			wait.ID, a.Phone.E164(), a.ServiceID, a.CountryID, waited, a.Status)
	// A test that expects no SMS must not pass because the service could not be asked.
	case p.watch.wasRefused():
		f.Kind, f.ExitCode = "rate_limited", exitLimited
		f.Message = fmt.Sprintf("activation %v could not be looked at within %v, because the rate limit is used up", wait.ID, waited)
	case failing && status != 0:
		f.Kind, f.ExitCode = "unavailable", exitUnavailable
		f.Message = fmt.Sprintf("activation %v could not be looked at within %v, because the service is unavailable (%s)", wait.ID, waited, reason)
	default:
		f.Kind, f.ExitCode = "unreachable", exitUnreachable
		f.Message = fmt.Sprintf("activation %v could not be looked at within %v, because the service did not answer (%s)", wait.ID, waited, cmp.Or(reason, "no answer"))
	}
}

// roundly rounds a time to what people want to read.
func roundly(d time.Duration) time.Duration {
	switch {
	case d < time.Second-50*time.Millisecond:
		return d.Round(10 * time.Millisecond)
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

// knownFailure describes an error of the library.
func (p *program) knownFailure(f *failure, err error) {
	order := p.asked
	last := p.purchases.bought
	var wait *tempnumber.WaitError
	if errors.As(err, &wait) {
		last = p.lastSeen(wait)
		err = wait.Err
	}
	pair := fmt.Sprintf("%s in %s", order.ServiceID, order.CountryID)
	set := func(kind string, exit int, message, advice, command string) {
		f.Kind, f.ExitCode, f.advice, f.command = kind, exit, advice, command
		f.Message = cmp.Or(message, f.Message)
	}
	var about *activationError
	var throttled *tempnumber.ThrottledError
	var transport *tempnumber.TransportError
	switch {
	case errors.As(err, &about):
		f.ID = about.id
		if errors.Is(err, errNoCode) {
			set("no_code", exitNoCode, "", "read the whole text", p.commandFor("show", about.id)+" --field message")
			if p.settings.mock {
				f.advice, f.command = "take the whole text", p.again("--field", "message")
			}
		} else {
			set("no_sms", exitNoSMS, "", "wait for it", p.commandFor("wait", about.id))
		}
	case errors.Is(err, errNoNumbers):
		set("no_numbers", exitUnavailable, fmt.Sprintf("there are no numbers for %s now%s", pair, status(err)),
			"try again later, or take another country", p.command("prices", "--service", order.ServiceID))
	case errors.Is(err, tempnumber.ErrInvalidInput):
		set("usage", exitUsage, "", "", "")
	case errors.Is(err, tempnumber.ErrUnauthorized):
		set("unauthorized", exitKey, "the service refused the API key"+status(err), "store the right one", p.command("login"))
	case errors.Is(err, tempnumber.ErrEmailNotVerified):
		set("email_not_verified", exitKey, "the account's email address is not verified"+status(err), "follow the link that the service has sent to it", "")
	case errors.Is(err, tempnumber.ErrAccountOnHold):
		set("account_on_hold", exitKey, "the account is on hold"+words(err), "ask the service's support", "")
	case errors.Is(err, tempnumber.ErrRefunded):
		set("refunded", exitEnded, "", "order another number", p.another(last))
	case errors.Is(err, tempnumber.ErrExpired):
		set("expired", exitEnded, "", "order another number", p.another(last))
	case errors.Is(err, tempnumber.ErrActivationFailed):
		set("failed", exitEnded, "", "order another number", p.another(last))
	case errors.Is(err, tempnumber.ErrGone):
		set("gone", exitEnded, "the activation is no longer available"+status(err), "order another number", p.another(last))
	case errors.Is(err, tempnumber.ErrInsufficientFunds):
		set("no_funds", exitFunds, "the balance does not cover the price"+status(err), "top it up in the account; see what is there", p.command("balance"))
	case errors.Is(err, tempnumber.ErrPriceChanged):
		message := "the price is above --max-price"
		if f.NewPrice > 0 {
			message = fmt.Sprintf("the price of %s is %v dollars, above --max-price %v", pair, f.NewPrice, order.MaxPrice)
		}
		set("price", exitPrice, message, "find a cheaper country", p.command("prices", "--service", order.ServiceID))
		if f.NewPrice > 0 {
			f.advice, f.command = "allow that price", p.again("--max-price", f.NewPrice.String())
		}
	case errors.Is(err, tempnumber.ErrTooManyPending):
		set("too_many_pending", exitLimited, "too many numbers of the account wait for their SMS; some must end first"+status(err),
			"see them", p.command("list", "--pending"))
	case errors.Is(err, tempnumber.ErrLowSuccessRate):
		set("delivery_rate", exitLimited, fmt.Sprintf("too few numbers for %s received an SMS, so the service closed the pair for up to 24 hours%s", pair, status(err)),
			"take another country", p.command("prices", "--service", order.ServiceID))
		var guarded *tempnumber.DeliveryRateError
		if errors.As(err, &guarded) {
			f.Message = plain(guarded)
			f.advice, f.command = "see the rates", p.command("stats")
		}
	case errors.Is(err, tempnumber.ErrSharing):
		set("sharing", exitOther, "", "send without sharing the limits, if no other program uses the key now", p.again("--share", shareOff))
	case errors.As(err, &throttled):
		set("rate_limited", exitLimited, fmt.Sprintf("the rate limit of %s is used up: the next request may be sent in %v, which is too late", throttled.Endpoint, roundly(throttled.Wait)),
			"allow more time", p.again("--timeout", (throttled.Wait+time.Minute).Round(time.Minute).String()))
	case errors.Is(err, tempnumber.ErrRateLimited):
		set("rate_limited", exitLimited, "the rate limit is used up"+status(err), "try it again in a minute", p.again())
	case errors.Is(err, tempnumber.ErrUnavailable):
		set("unavailable", exitUnavailable, "the service is unavailable"+words(err), "try it again later", p.again())
	case errors.Is(err, tempnumber.ErrNotFound):
		set("not_found", exitOther, "there is no such activation in the account"+status(err), "see those there are", p.command("list"))
	case errors.Is(err, tempnumber.ErrBadState):
		set("bad_state", exitOther, "the activation is not in a state that allows this; another SMS can be asked for only after one has come"+status(err), "", "")
	case errors.Is(err, tempnumber.ErrInvalidRequest):
		set("invalid_request", exitOther, "the service refused the parameters"+words(err), "see the ids of services and countries", p.command("prices"))
	case errors.As(err, &transport):
		reason := cmp.Or(reasonOf(err), reasonOfWatch(&p.watch), plain(transport.Err)) + p.watch.manyTries()
		set("unreachable", exitUnreachable, fmt.Sprintf("the service cannot be reached at %s: %s", p.serviceHost(), reason),
			"check the network and the address, then try it again", p.again())
	case errors.Is(err, tempnumber.ErrInvalidResponse):
		f.Kind = "invalid_response"
	case errors.Is(err, context.DeadlineExceeded):
		set("timeout", exitOther, "the time of --timeout is over", "allow more of it", "")
	}
}

// reasonOfWatch returns why the last try failed.
func reasonOfWatch(w *watch) string {
	_, reason, failing := w.lastFailure()
	if !failing || reason == "no answer" {
		return ""
	}
	return reason
}

// status is the service's name for a refusal, in brackets.
func status(err error) string {
	var api *tempnumber.APIError
	if !errors.As(err, &api) {
		return ""
	}
	return fmt.Sprintf(" (%s)", strings.TrimSpace(fmt.Sprintf("%d %s", api.StatusCode, api.Name)))
}

// words are the service's own words about a refusal, in brackets.
func words(err error) string {
	var api *tempnumber.APIError
	if !errors.As(err, &api) {
		return ""
	}
	said := strings.TrimSuffix(strings.TrimSpace(fmt.Sprintf("%d %s: %s", api.StatusCode, api.Name, api.Message)), ":")
	return " (" + strings.Join(strings.Fields(said), " ") + ")"
}

// plain is an error's text for users of the tool: without the name of the library
// before it.
func plain(err error) string {
	if err == nil {
		return ""
	}
	var wait *tempnumber.WaitError
	if errors.As(err, &wait) {
		err = wait.Err
	}
	var api *tempnumber.APIError
	if errors.As(err, &api) {
		return "the service refused the request" + words(api)
	}
	return strings.ReplaceAll(strings.TrimPrefix(err.Error(), "tempnumber: "), "WithPlainHTTP", "--plain-http")
}

// serviceHost names the service's host.
func (p *program) serviceHost() string {
	address, err := url.Parse(cmp.Or(p.settings.baseURL, tempnumber.ProductionURL))
	if err != nil || p.settings.mock {
		return "its address"
	}
	return address.Host
}

// lost describes an order whose outcome is unknown.
func (p *program) lost(ctx context.Context, f *failure, lost *lostOrderError) {
	f.Kind, f.ExitCode, f.Message = "outcome_unknown", exitOther, lost.Error()
	f.advice, f.command = "look before ordering again", p.command("recover")
	if ctx.Err() != nil {
		f.Kind, f.ExitCode = "interrupted", exitInterrupted
	} else if len(lost.candidates) == 0 && errors.Is(lost.err, tempnumber.ErrUnavailable) {
		f.Kind, f.ExitCode = "unavailable", exitUnavailable // and most likely nothing was bought
	}
	for _, a := range lost.candidates {
		f.Candidates = append(f.Candidates, a.ID)
	}
	switch len(lost.candidates) {
	case 0:
	case 1:
		f.ID, f.Number = lost.candidates[0].ID, lost.candidates[0].Phone.E164()
		f.advice, f.command = "if nobody else uses the key, it is yours; wait for its SMS with", p.commandFor("wait", f.ID)
	default:
		f.advice, f.command = "see which of them nobody else ordered", p.command("list", "--pending")
	}
}

// resume returns the hint how to continue with a number.
func (p *program) resume(a *tempnumber.Activation) (advice, command string) {
	if p.settings.mock {
		return "", "" // its numbers end with the command
	}
	advice = "wait on with"
	if a.Remaining() > 0 {
		ends := time.Now().Add(a.Remaining())
		advice = fmt.Sprintf("the number lives until %s; wait on with", ends.Format(time.TimeOnly))
	}
	return advice, p.commandFor("wait", a.ID)
}

// lastSeen is the activation as it was seen last, nil when it never was.
func (p *program) lastSeen(wait *tempnumber.WaitError) *tempnumber.Activation {
	return cmp.Or(wait.Last, p.purchases.bought)
}

// activationError says why an activation gives no answer.
type activationError struct {
	err  error // errNoCode or errNoSMSYet
	id   tempnumber.ActivationID
	text string
}

func (e *activationError) Error() string { return e.text }

func (e *activationError) Unwrap() error { return e.err }

// What the tool itself says, for errors.Is.
var (
	errNoCode    = errors.New("the SMS has no code")
	errNoSMSYet  = errors.New("no SMS has come yet")
	errNoNumbers = errors.New("there are no numbers now")
)
