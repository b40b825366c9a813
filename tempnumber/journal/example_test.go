package journal_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/journal"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// A program loses the answer to an order, and its next run finds the number.
func Example() {
	// The offline service stands for the real one; journal.DefaultDir names a directory that lasts.
	server := tempnumbertest.NewServer()
	service := tempnumber.WithHTTPClient(&http.Client{Transport: server.Transport()})
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	orders, err := journal.Open(dir, "sign-up tests")
	if err != nil {
		log.Print(err)
		return
	}
	client, err := tempnumber.New(tempnumbertest.DefaultKey, service, tempnumber.WithPurchaseHook(orders.Hook))
	if err != nil {
		log.Print(err)
		return
	}
	ctx := context.Background()
	buy := func(ctx context.Context) (*tempnumber.Activation, error) {
		return client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	}
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, AfterCommit: true, Drop: true})
	if _, err := orders.Do(ctx, buy); err != nil {
		fmt.Println("the order failed")
	}

	open, err := orders.Recover(ctx, client)
	if err != nil {
		log.Print(err)
		return
	}
	for _, o := range open {
		for _, a := range o.Found {
			fmt.Println(o.Intent.ServiceID, "in", o.Intent.CountryID, "may have bought", a.ID, a.Phone.E164())
		}
		if o.ID != 0 || len(o.Found) > 0 || o.Nothing {
			if err := orders.Settle(o.Order, o.ID); err != nil {
				log.Print(err)
			}
		}
	}

	activation, err := orders.Do(ctx, buy)
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println("bought", activation.ID)
	if err := orders.Told(activation.ID); err != nil { // once the number is stored, or used up
		log.Print(err)
	}
	// Output:
	// the order failed
	// facebook in us may have bought 12312 +18454076623
	// bought 12313
}
