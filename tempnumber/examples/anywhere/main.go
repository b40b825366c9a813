// Command anywhere receives one code, from the real service or from one offline.
// The environment alone says which, the program is the same:
//
//	TEMPNUMBER_API_KEY=...  go run ./tempnumber/examples/anywhere facebook us
//
//	export TEMPNUMBER_BASE_URL=http://127.0.0.1:8025 TEMPNUMBER_API_KEY=offline-key
//	tempnumber mock --addr 127.0.0.1:8025 --auto-sms 3s &
//	go run ./tempnumber/examples/anywhere facebook us
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "anywhere:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: anywhere SERVICE COUNTRY")
	}
	client, err := tempnumber.NewFromEnv()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	a, err := client.ReceiveSMS(ctx, tempnumber.CreateActivationParams{ServiceID: args[0], CountryID: args[1]},
		func(_ context.Context, a *tempnumber.Activation) error {
			_, err := fmt.Fprintln(out, "number", a.Phone.E164()) // type it into the app now
			return err
		})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "code", a.Code)
	return err
}
