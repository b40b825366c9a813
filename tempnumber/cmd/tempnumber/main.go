// Command tempnumber rents temporary phone numbers at temp-number.org and reads
// the codes that are sent to them. It also is the service itself, offline, for
// tests: tempnumber mock. See tempnumber help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A second signal ends the program the hard way.
	context.AfterFunc(ctx, stop)
	ignoreClosedPipes()
	os.Exit(cli.Run(ctx, cli.Env{
		Stdin:  os.Stdin,
		Stdout: opened(os.Stdout),
		Stderr: opened(os.Stderr),
		Getenv: os.Getenv,
	}, os.Args[1:]))
}
