// Package cli is the command line tool: one file per command, and beside them
// what the commands share.
package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// World is what the program can reach of the world around it.
type World struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// NewClient makes the client of the service; nil means tempnumber.New.
	NewClient func(apiKey string, opts ...tempnumber.Option) (*tempnumber.Client, error)
}

// Run carries out one command line, without the name of the program in it, and
// gives the exit code. When ctx ends the command was interrupted.
func Run(ctx context.Context, world World, args []string) int {
	p := &program{world: world}
	p.watch.over = func() bool { return ctx.Err() != nil }
	root := p.rootCommand()
	root.SetArgs(append([]string{}, args...)) // nil would mean os.Args
	root.SetIn(world.Stdin)
	root.SetOut(world.Stdout)
	root.SetErr(world.Stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		return p.fail(ctx, args, err)
	}
	return exitOK
}

// program is one run of the tool.
type program struct {
	world    World
	flags    globalFlags
	settings settings
	console  *console
	client   *tempnumber.Client
	ordered  *tempnumber.Activation // by this command; nil when it orders nothing
	watch    watch
	started  bool // the command line was understood and a command has begun
}

// begin prepares what every command needs. It is the first thing that runs of a
// command.
func (p *program) begin(cmd *cobra.Command, _ []string) error {
	p.started = true
	if !needsSettings(cmd) {
		p.console = newConsole(p.world, true)
		return nil
	}
	var err error
	p.settings, err = p.resolve(cmd.Flags())
	if err != nil {
		return err
	}
	p.console = newConsole(p.world, p.settings.quiet || p.settings.format.machine())
	return nil
}

// needsSettings tells whether a command has to do with the service. Scripts for
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
