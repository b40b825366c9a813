package control_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// A test rents a number from a service in another process, and reads there what the
// app under test sent.
func ExampleClient() {
	// This one stands for `tempnumber mock` in another process or container.
	service := httptest.NewServer(tempnumbertest.NewServer().ControlHandler())
	defer service.Close()

	ctx := context.Background()
	steer, err := control.NewClient(service.URL)
	if err != nil {
		log.Fatal(err)
	}
	client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL(service.URL))
	if err != nil {
		log.Fatal(err)
	}
	rented, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	if err != nil {
		log.Fatal(err)
	}
	phone := rented.Phone.E164()
	if err := steer.DeliverSMSTo(ctx, phone, "Acme: your code is 05678"); err != nil { // in place of the app
		log.Fatal(err)
	}
	message, err := steer.AwaitCode(ctx, phone, 30*time.Second, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.Code)
	// Output: 05678
}
