package journal_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/journal"
)

// A program orders a number, and first looks for what an earlier run may have lost.
func Example() {
	dir, err := journal.DefaultDir()
	if err != nil {
		log.Fatal(err)
	}
	orders, err := journal.Open(dir, "sign-up tests")
	if err != nil {
		log.Fatal(err)
	}
	client, err := tempnumber.New(os.Getenv("TEMPNUMBER_API_KEY"), tempnumber.WithPurchaseHook(orders.Hook))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	open, err := orders.Recover(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range open {
		fmt.Println(o.Intent.ServiceID, "ordered at", o.Intent.SentAt, "bought", o.ID, "or one of", o.Found)
		if o.ID != 0 || len(o.Found) > 0 || o.Nothing {
			if err := orders.Settle(o.Order, o.ID); err != nil {
				log.Fatal(err)
			}
		}
	}

	activation, err := orders.Do(ctx, func(ctx context.Context) (*tempnumber.Activation, error) {
		return client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(activation.ID, activation.Phone)
	if err := orders.Told(activation.ID); err != nil {
		log.Fatal(err)
	}
}
