package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// globalFlags are the flags of every command, as they were written.
type globalFlags struct {
	output, baseURL, timeout, config, share       string
	json, quiet, debug, mock, keyStdin, plainHTTP bool
}

func (f *globalFlags) register(flags *pflag.FlagSet) {
	flags.StringVarP(&f.output, "output", "o", "", "output `FORM`: table, json, jsonl or csv (default table)")
	flags.BoolVar(&f.json, "json", false, "the same as -o json")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "nothing on standard error but errors")
	flags.BoolVar(&f.debug, "debug", false, "log requests on standard error; never the key, a text or a code")
	flags.StringVar(&f.config, "config", "", "config `FILE` (default ~/.config/tempnumber/config.toml)")
}

// serviceFlags adds the flags of commands that talk to the service.
func (p *program) serviceFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.flags.timeout, "timeout", "", "end by then; a `TIME` with its unit, 90s or 2m (default no limit but the number's life)")
	f.BoolVar(&p.flags.mock, "mock", false, "the built-in one: no key, money or network")
	f.StringVar(&p.flags.baseURL, "base-url", "", "the one at `URL`")
	f.BoolVar(&p.flags.plainHTTP, "plain-http", false, "allow an http:// URL of another machine, in a test network")
	f.StringVar(&p.flags.share, "share", "", "share the key's limits by `WAY`: file, off or redis://HOST:PORT (default file)")
	f.BoolVar(&p.flags.keyStdin, "key-stdin", false, "read the API key from standard input")
	for _, name := range []string{"mock", "base-url", "plain-http", "share", "key-stdin"} {
		_ = f.SetAnnotation(name, serviceGroup, []string{"true"}) // the flag is there
	}
	switch cmd.Name() {
	case "receive", "prices", "offer", "balance":
	default:
		// The built-in service ends with the command, so there is nothing to show or to
		// wait for. The flag is known all the same, to say so.
		_ = f.MarkHidden("mock")
	}
	if cmd.Name() == "login" {
		_ = f.MarkHidden("key-stdin")
	}
}

// refuseMock refuses --mock for a command that has nothing to do with a service
// that ends with it.
func (p *program) refuseMock(command string) error {
	p.noMock = true
	if !p.settings.mock {
		return nil
	}
	return usage("%s with --mock: the built-in service ends with the command, and its numbers with it; "+
		"run tempnumber mock for one that lasts, or tempnumber receive SERVICE COUNTRY --mock", command)
}

// settings are the values that a command uses, wherever they were set.
type settings struct {
	baseURL  string // empty for the default
	timeout  time.Duration
	maxPrice tempnumber.Amount
	format   format
	quiet    bool
	debug    bool
	mock     bool
	share    setting
	plain    bool // plain http to another machine is allowed
	file     configFile
}

// resolve puts the settings together: flag before environment before config file
// before default.
func (p *program) resolve(flags *pflag.FlagSet) (settings, error) {
	s := settings{quiet: p.flags.quiet, debug: p.flags.debug, mock: p.flags.mock}
	var err error
	if s.file, err = p.readConfig(); err != nil {
		return s, err
	}
	pick := func(flag, variable, inFile string) setting {
		if f := flags.Lookup(flag); f != nil && f.Changed {
			return setting{"--" + flag, f.Value.String()}
		}
		if value := p.env.Getenv(variable); value != "" {
			return setting{variable, value}
		}
		return setting{s.file.path, inFile}
	}
	if s.plain, err = p.plainHTTP(); err != nil {
		return s, err
	}
	s.share = pick("share", "TEMPNUMBER_SHARE", s.file.Share)
	s.baseURL = pick("base-url", "TEMPNUMBER_BASE_URL", s.file.BaseURL).value
	if s.timeout, err = pick("timeout", "TEMPNUMBER_TIMEOUT", s.file.Timeout).duration(); err != nil {
		return s, err
	}
	if s.maxPrice, err = pick("max-price", "TEMPNUMBER_MAX_PRICE", s.file.MaxPrice).amount(); err != nil {
		return s, err
	}
	output := pick("output", "TEMPNUMBER_OUTPUT", s.file.Output)
	if p.flags.json {
		if p.flags.output != "" && p.flags.output != string(formatJSON) {
			return s, usage("--json and --output %s say different things; give one of them", p.flags.output)
		}
		output = setting{"--json", string(formatJSON)}
	}
	s.format, err = output.format()
	return s, err
}

// plainHTTP reports whether plain http to another machine is allowed.
func (p *program) plainHTTP() (bool, error) {
	switch value := p.env.Getenv("TEMPNUMBER_PLAIN_HTTP"); value {
	case "", "0", "false":
		return p.flags.plainHTTP, nil
	case "1", "true":
		return true, nil
	default:
		return false, usage("TEMPNUMBER_PLAIN_HTTP: %q is neither 1 nor 0", value)
	}
}

// setting is a value as it was written, and where.
type setting struct{ where, value string }

func (s setting) duration() (time.Duration, error) {
	if s.value == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s.value)
	if err != nil || d < 0 {
		return 0, usage("%s: %q is not a time; write it with its unit, such as 90s or 2m", s.where, s.value)
	}
	return d, nil
}

func (s setting) amount() (tempnumber.Amount, error) {
	if s.value == "" {
		return 0, nil
	}
	amount, err := tempnumber.ParseAmount(s.value)
	if err != nil || amount <= 0 {
		return 0, usage("%s: %q is not a price; write dollars above zero, such as 0.5", s.where, s.value)
	}
	return amount, nil
}

func (s setting) format() (format, error) {
	switch f := format(strings.ToLower(s.value)); f {
	case "":
		return formatTable, nil
	case formatTable, formatJSON, formatJSONL, formatCSV:
		return f, nil
	}
	return "", usage("%s: %q is not an output form; there are table, json, jsonl and csv", s.where, s.value)
}

// usageError says that the command line, the environment or the config file is wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
