package tempnumber_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func ExampleClient_Reconcile() {
	ctx := context.Background()
	client, server := offline()
	// The service takes the order, and its answer is lost.
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, AfterCommit: true, Drop: true})

	activation, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	var unknown *tempnumber.OutcomeUnknownError
	if errors.As(err, &unknown) {
		found, err := client.Reconcile(ctx, unknown)
		switch {
		case errors.Is(err, tempnumber.ErrNoneYet):
			log.Fatal("nothing was bought, as far as can be seen")
		case err != nil:
			log.Fatal(err)
		case len(found) > 1:
			log.Fatal("several numbers may be it; whoever else uses the key has the others")
		}
		activation = found[0]
	} else if err != nil {
		log.Fatal(err)
	}
	fmt.Println(activation.ServiceID, activation.CountryID, activation.Status)
	// Output: facebook us smsRequested
}

// A program writes its intent down before each order, and the id of the number
// after it. Whenever it dies in between, the next one finds the number again.
func Example_resumingAfterACrash() {
	ctx := context.Background()
	server := tempnumbertest.NewServer()
	dir, err := os.MkdirTemp("", "orders")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	journal := filepath.Join(dir, "order.json")

	newClient := func() *tempnumber.Client {
		client, err := tempnumber.New(tempnumbertest.DefaultKey,
			tempnumber.WithHTTPClient(&http.Client{Transport: server.Transport()}),
			tempnumber.WithExclusiveKey(), // no other program uses the key
			tempnumber.WithPurchaseHook(func(_ context.Context, intent tempnumber.Intent) error {
				text, err := json.Marshal(intent)
				if err != nil {
					return err
				}
				return os.WriteFile(journal, text, 0o600)
			}))
		if err != nil {
			log.Fatal(err)
		}
		return client
	}

	// The first process orders a number, and dies before it has the answer.
	dying, die := context.WithCancel(ctx)
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{
		Times: 1, AfterCommit: true, Hang: true,
		Only: func(tempnumbertest.Request) bool { die(); return true },
	})
	_, err = newClient().CreateActivation(dying, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	fmt.Println("unknown:", errors.Is(err, tempnumber.ErrOutcomeUnknown))

	// The second one finds the intent, and the number by it, and waits for the SMS.
	client := newClient()
	var intent tempnumber.Intent
	text, err := os.ReadFile(journal)
	if err == nil {
		err = json.Unmarshal(text, &intent)
	}
	if err != nil {
		log.Fatal(err)
	}
	found, err := client.Reconcile(ctx, &tempnumber.OutcomeUnknownError{Intent: intent})
	if err != nil || len(found) != 1 {
		log.Fatal(found, err)
	}
	if err := server.DeliverSMS(found[0].ID, "Your code is 05678"); err != nil {
		log.Fatal(err)
	}
	activation, err := client.WaitSMS(ctx, found[0].ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("code:", activation.Code)
	// Output:
	// unknown: true
	// code: 05678
}

func ExampleClient_DeliveryStats() {
	ctx := context.Background()
	client, server := offline()
	for i := range 3 {
		activation, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
		if err == nil && i == 0 {
			err = server.DeliverSMS(activation.ID, "Your code is 05678")
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	stats, err := client.DeliveryStats(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range stats {
		fmt.Printf("%s in %s: %d of %d received an SMS, %d more may go without\n", s.ServiceID, s.CountryID, s.Delivered, s.Asked, s.Left)
	}
	// Output: facebook in us: 1 of 3 received an SMS, 12 more may go without
}

func ExampleWithDeliveryGuard() {
	ctx := context.Background()
	client, _ := offline(tempnumber.WithDeliveryGuard())
	for {
		_, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
		var refused *tempnumber.DeliveryRateError
		if errors.As(err, &refused) {
			fmt.Printf("stopped after %d numbers without an SMS\n", refused.Stat.Asked)
			return
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output: stopped after 4 numbers without an SMS
}

func ExampleWithSpendingCap() {
	ctx := context.Background()
	client, _ := offline(tempnumber.WithSpendingCap(2 * tempnumber.Dollar))
	order := tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us", MaxPrice: 3 * tempnumber.Dollar}
	_, err := client.CreateActivation(ctx, order)
	fmt.Println(err)
	// Output: tempnumber: not sent: an order of up to 3 dollars would break the spending cap of 2, of which 0 are counted as spent
}
