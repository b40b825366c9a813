// Command signupapp is the app under test of the recipes, as a web server. It prints
// its URL. It sends its SMS to the gateway that SMS_WEBHOOK names, as JSON, or else into
// the service in a box that TEMPNUMBER_BASE_URL names. It listens on a free port of this
// machine, unless --addr says otherwise.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
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
	addr := flag.String("addr", "127.0.0.1:0", "listen at `HOST:PORT`")
	flag.Parse()
	send, err := sender(ctx)
	if err != nil {
		return err
	}
	app := signup.New(send)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
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

// sender returns what sends an SMS.
func sender(ctx context.Context) (func(phone, text string) error, error) {
	if gateway := os.Getenv("SMS_WEBHOOK"); gateway != "" {
		return func(phone, text string) error { return post(ctx, gateway, phone, text) }, nil
	}
	box, err := control.NewClient(os.Getenv("TEMPNUMBER_BASE_URL"))
	if err != nil {
		return nil, err
	}
	return func(phone, text string) error { return box.DeliverSMSTo(ctx, phone, text) }, nil
}

// post sends an SMS through a gateway.
func post(ctx context.Context, gateway, phone, text string) error {
	body, err := json.Marshal(map[string]any{"recipient": map[string]string{"phone": phone}, "message": text})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the gateway answered %s", resp.Status)
	}
	return nil
}
