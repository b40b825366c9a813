package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// rootCommand makes the tree of commands.
func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "tempnumber",
		Short: "Rent temporary phone numbers and read the codes sent to them",
		Long: `Rent temporary phone numbers at temp-number.org and read the codes sent to them.

Try it without a key, money or network:

  tempnumber receive facebook us --mock

For the real service give it the API key of your account once: tempnumber login.
Only for testing your own sign-up and second-factor flows and for accounts you may
open: respect the terms of the service and of the sites.`,
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true, // errors make their own
		PersistentPreRunE:  p.begin,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	p.flags.register(root.PersistentFlags())
	root.AddGroup(
		&cobra.Group{ID: groupNumbers, Title: "Numbers and codes:"},
		&cobra.Group{ID: groupAccount, Title: "Prices and account:"},
		&cobra.Group{ID: groupOffline, Title: "Offline:"},
	)
	root.AddCommand(
		p.receiveCommand(), p.orderCommand(), p.waitCommand(), p.anotherCommand(), p.showCommand(), p.listCommand(), p.recoverCommand(),
		p.loginCommand(), p.pricesCommand(), p.offerCommand(), p.balanceCommand(), p.statsCommand(), p.statusCommand(),
		p.mockCommand(), p.readyCommand(), p.versionCommand(), p.manCommand(),
	)
	root.AddCommand(topics()...)
	root.SetHelpCommand(p.helpCommand())
	// Not cobra's own --version: its template would have the linker keep text/template, and with that every
	// method that is exported. The program would be half as large again.
	showVersion := root.Flags().BoolP("version", "v", false, "print the version")
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if *showVersion {
			_, _ = fmt.Fprintln(p.env.Stdout, newVersion())
			return
		}
		p.writeHelp(p.env.Stdout, cmd)
	})
	root.SetUsageFunc(func(cmd *cobra.Command) error { p.writeUsage(p.env.Stderr, cmd); return nil })
	return root
}

// The groups that help lists commands in.
const (
	groupNumbers = "numbers"
	groupAccount = "account"
	groupOffline = "offline"
)

// topics are pages of help that are not commands.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "exit-codes", Short: "What the exit codes mean", Long: exitCodesHelp},
		{Use: "environment", Short: "Variables, the config file, and what goes before what", Long: environmentHelp},
		{Use: "scripting", Short: "Output forms, CI, many numbers at a time", Long: scriptingHelp},
	}
}

const exitCodesHelp = `Exit codes, the same for every command:

    0  done
    1  something else went wrong; the message says what
    2  the command line, the environment or the config file is wrong; nothing was sent
    3  no SMS within the time of --timeout
    4  the key was refused, or the account is on hold
    5  the number has expired, was refunded or has failed
    6  the balance does not cover the price
    7  the price is above --max-price
    8  no numbers there now, or the service is unavailable
    9  limited: requests, pending activations, or the delivery rate of the pair
   10  the service was not reached: no network, a wrong address, or it is down
   11  an SMS came, and the code that is wanted is not in it
   12  the service has no such service or country; the message suggests one
  130  interrupted by Ctrl-C, SIGTERM or a closed terminal; mock and --watch end with 0 then
  141  whoever reads standard output has gone, as in "tempnumber prices | head -1"

Whatever the code: a number that was bought is named on standard error, with its id, when
it could not be named on standard output. See also tempnumber recover.`

const environmentHelp = `A flag goes before the environment, the environment before the config file, the
config file before the default.

  TEMPNUMBER_API_KEY     api_key    --key-stdin   the key
  TEMPNUMBER_BASE_URL    base_url   --base-url    where the service is
  TEMPNUMBER_PLAIN_HTTP  (none)     --plain-http  1 to allow http:// elsewhere
  TEMPNUMBER_TIMEOUT     timeout    --timeout     90s or 2m, with its unit
  TEMPNUMBER_MAX_PRICE   max_price  --max-price   the most a number may cost
  TEMPNUMBER_OUTPUT      output     --output      table, json, jsonl or csv
  TEMPNUMBER_SHARE       share      --share       file, off or redis://HOST:PORT

tempnumber login keeps the key in the config file. That is
$XDG_CONFIG_HOME/tempnumber/config.toml, by default ~/.config/tempnumber/config.toml, or
the one of --config or TEMPNUMBER_CONFIG:

  api_key   = "..."
  timeout   = "5m"
  max_price = "1.50"

With a key in it, nobody but you may be able to read it: chmod 600. There is no flag
for the key, because other users of the machine see command lines.

Orders are written down in $XDG_STATE_HOME/tempnumber, by default
~/.local/state/tempnumber, and so is, sealed with the key, by what programs share its
limits; price lists are kept in $XDG_CACHE_HOME/tempnumber.

NO_COLOR switches colours off. In CI (the variable CI is set) and where standard
error is no terminal, there is no live line. HTTPS_PROXY and its like are obeyed.`

const scriptingHelp = `Standard output holds the answer and nothing else, standard error all the rest:

  read -r ID NUMBER < <(tempnumber order facebook us)
  # type $NUMBER into the form, send it
  CODE=$(tempnumber wait "$ID" --timeout 90s)

With --json, an answer is one JSON object or array on standard output, and an error
is one object on standard error, {"error": {"kind", "exit_code", "message", "hint", ...}};
nothing else is printed on either. Codes and phone numbers are text, lists are never
null, times are RFC 3339 in UTC, prices are numbers of dollars. With -o jsonl, receive
and wait print the activation whenever it changes, each time on a line of its own.

In GitHub Actions (GITHUB_ACTIONS=true) --mask has the runner mask the code in the log, by
an "::add-mask::" line on standard error, which the runner reads as well; standard output
stays the answer alone. --github-output writes id, number, national, code and message to
the step's outputs, for other steps of the same job; the runner hands nothing that is
masked on to other jobs. What stands in an SMS is never a command to the runner: a
backslash is put before "::" at the start of a line, and into "##[". The key is never
printed.

Every order is written down before it is sent, and every number that was bought is named:
on standard output, else on standard error, else by the next order and by tempnumber
recover. An order that is on its way when the command is interrupted, or when its time is
over, is waited for, for 5 seconds at most.

Many at a time: all programs of a machine that use one key and home share its limits, and
each sees what the others see, by a file in the state directory; on many machines they do
by Redis: --share redis://HOST:PORT. None is refused then, however many there are; tempnumber
status shows who waits for what. With --share off, or where there is no home that can be
written, a program counts for itself alone; the service refuses with 429 what is too much,
and the tool waits and asks again. The limits are per key: 80 orders and 80 looks in 2
minutes, 10 lists and 10 balances a minute, 3 price lists a minute.`
