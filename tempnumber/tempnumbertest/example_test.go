package tempnumbertest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// client makes a client that reaches server in memory. A test calls server.Client(t).
func client(server *tempnumbertest.Server) *tempnumber.Client {
	c, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func ExampleServer() {
	ctx := context.Background()
	server := tempnumbertest.NewServer()
	c := client(server)

	rented, err := c.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	if err != nil {
		log.Fatal(err)
	}
	// The app under test sends its SMS to the number.
	if err := server.DeliverSMSTo(rented.Phone.E164(), "Your code is 05678"); err != nil {
		log.Fatal(err)
	}
	received, err := c.WaitSMS(ctx, rented.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(received.Code)
	// Output: 05678
}

func ExampleServer_ServeHTTP() {
	// Over HTTP, for clients in any language.
	listening := httptest.NewServer(tempnumbertest.NewServer())
	defer listening.Close()

	c, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL(listening.URL))
	if err != nil {
		log.Fatal(err)
	}
	balance, err := c.Balance(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(balance.Available)
	// Output: 100
}

func ExampleServer_AutoDeliver() {
	ctx := context.Background()
	server := tempnumbertest.NewServer()
	server.AutoDeliver(0, "Your code is {code}")
	c := client(server)

	rented, err := c.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "whatsapp", CountryID: "de"})
	if err != nil {
		log.Fatal(err)
	}
	received, err := c.WaitSMS(ctx, rented.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(received.Message == "Your code is "+string(received.Code), len(received.Code))
	// Output: true 6
}

func ExampleServer_Fail() {
	ctx := context.Background()
	server := tempnumbertest.NewServer()
	c := client(server)

	// The number is rented and paid for, and the answer is lost.
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Drop: true, AfterCommit: true, Times: 1})
	_, err := c.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	fmt.Println(err != nil, len(server.Activations()))
	// Output: true 1
}
