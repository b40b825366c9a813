// Command rent is somebody's program: it rents a number, waits for the SMS and
// prints both.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func main() {
	if err := rent(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func rent() error {
	client, err := tempnumber.NewFromEnv()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	params := tempnumber.CreateActivationParams{ServiceID: os.Args[1], CountryID: os.Args[2]}
	activation, err := client.ReceiveSMS(ctx, params, func(_ context.Context, a *tempnumber.Activation) error {
		fmt.Println("number", a.Phone.E164())
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Println("code", activation.Code)
	return nil
}
