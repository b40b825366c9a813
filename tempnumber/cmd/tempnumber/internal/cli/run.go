// Package cli is the command line tool: one file per command, and beside them
// what the commands share.
package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Env is the program's environment: its streams, its variables, and how it
// makes a client.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	closedStdout   bool      // nobody can read the answer
	rawStderr      io.Writer // for commands to GitHub's runner

	// NewClient makes the client of the service; nil means tempnumber.New.
	NewClient func(apiKey string, opts ...tempnumber.Option) (*tempnumber.Client, error)
}

// Run carries out one command line, without the name of the program in it, and
// returns the exit code. When ctx ends the command was interrupted.
func Run(ctx context.Context, env Env, args []string) int {
	if closed, ok := env.Stdout.(ClosedOutput); ok {
		env.Stdout, env.closedStdout = closed.Null, true
	}
	if env.inActions() {
		env.rawStderr = env.Stderr
		env.Stdout, env.Stderr = defusingWriter{env.Stdout}, defusingWriter{env.Stderr}
	}
	p := &program{env: env, args: args}
	p.watch.over = func() bool { return ctx.Err() != nil }
	root := p.rootCommand()
	p.root = root
	root.SetArgs(append([]string{}, args...)) // nil would mean os.Args
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		return p.fail(ctx, args, err)
	}
	if p.console != nil {
		_ = p.console.last("") // requests may still be on their way
	}
	return exitOK
}

// program is one run of the tool.
type program struct {
	env       Env
	flags     globalFlags
	settings  settings
	console   *console
	apiKey    string
	client    *tempnumber.Client
	root      *cobra.Command
	args      []string                          // the command line
	asked     tempnumber.CreateActivationParams // what the command was asked to rent or to show
	purchases purchases
	watch     watch
	noMock    bool // the command has nothing to do with --mock
	started   bool // the command line was understood and a command has begun
}

// begin prepares what every command needs. It is the first thing that runs of a
// command.
func (p *program) begin(cmd *cobra.Command, _ []string) error {
	p.started = true
	if !needsSettings(cmd) {
		p.console = newConsole(p.env, true)
		return nil
	}
	var err error
	p.settings, err = p.resolve(cmd.Flags())
	if err != nil {
		return err
	}
	p.console = newConsole(p.env, p.settings.quiet || p.settings.format.machine())
	return nil
}

// needsSettings reports whether a command has to do with the service. Scripts for
// completion are made whatever stands in the config file.
func needsSettings(cmd *cobra.Command) bool {
	for c := cmd; c.HasParent(); c = c.Parent() {
		switch c.Name() {
		case "completion", "help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
			return false
		}
	}
	return true
}
