// Command signupapp is the app under test of the recipes, as a web server. It
// prints its URL and then sends its SMS into the service in a box that
// TEMPNUMBER_BASE_URL names, as a real one would send them through a gateway.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/examples/internal/signup"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "signupapp:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	box, err := control.NewClient(os.Getenv("TEMPNUMBER_BASE_URL"))
	if err != nil {
		return err
	}
	app := signup.New(func(phone, text string) error { return box.DeliverSMSTo(ctx, phone, text) })
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	web := &http.Server{Handler: app, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = web.Close() })
	fmt.Println("http://" + listener.Addr().String())
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
