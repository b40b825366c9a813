package tempnumber_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// offline returns a client of an in-process server that stands in for the service.
func offline(opts ...tempnumber.Option) (*tempnumber.Client, *tempnumbertest.Server) {
	server := tempnumbertest.NewServer()
	opts = append(opts, tempnumber.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	client, err := tempnumber.New(tempnumbertest.DefaultKey, opts...)
	if err != nil {
		log.Fatal(err)
	}
	return client, server
}

func ExampleNew() {
	client, err := tempnumber.New("the-API-key-of-your-account",
		tempnumber.WithBaseURL(tempnumber.MockURL),
		tempnumber.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 3, AttemptTimeout: 10 * time.Second}),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: tempnumber.Client(https://mock.temp-number.org/v1)
}

func ExampleNewFromEnv() {
	// What a shell or a CI job does: export TEMPNUMBER_API_KEY=...
	_ = os.Setenv("TEMPNUMBER_API_KEY", "the-API-key")
	_ = os.Setenv("TEMPNUMBER_BASE_URL", "http://127.0.0.1:8080/v1")
	defer os.Unsetenv("TEMPNUMBER_API_KEY")
	defer os.Unsetenv("TEMPNUMBER_BASE_URL")

	client, err := tempnumber.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: tempnumber.Client(http://127.0.0.1:8080/v1)
}

func ExampleClient_ReceiveSMS() {
	ctx := context.Background()
	client, server := offline()
	signUpWith := func(_ context.Context, phone string) error { return server.DeliverSMSTo(phone, "Your code is 05678") }

	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	activation, err := client.ReceiveSMS(ctx,
		tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us", MaxPrice: 2 * tempnumber.Dollar},
		func(ctx context.Context, a *tempnumber.Activation) error {
			return signUpWith(ctx, a.Phone.E164()) // your app, which sends the SMS
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(activation.Code)
	// Output: 05678
}

func ExampleClient_WaitSMS() {
	ctx := context.Background()
	client, server := offline()

	activation, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	if err != nil {
		log.Fatal(err)
	}
	id := activation.ID // write it down: the wait can be taken up again by it, in another process too
	_ = server.DeliverSMS(id, "Your code is 05678")

	activation, err = client.WaitSMS(ctx, id, tempnumber.OnUpdate(func(a *tempnumber.Activation) error {
		fmt.Println("status:", a.Status)
		return nil
	}))
	var wait *tempnumber.WaitError
	switch {
	case errors.As(err, &wait) && errors.Is(err, tempnumber.ErrExpired):
		log.Fatalf("nothing came for activation %v in %v", wait.ID, wait.Elapsed)
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println(activation.Message)
	// Output:
	// status: smsReceived
	// Your code is 05678
}

func ExampleClient_RequestAnotherSMS() {
	ctx := context.Background()
	client, server := offline()
	first, err := client.ReceiveSMS(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"},
		func(_ context.Context, a *tempnumber.Activation) error {
			return server.DeliverSMS(a.ID, "Your code is 05678")
		})
	if err != nil {
		log.Fatal(err)
	}
	resend := func() error { return server.DeliverSMS(first.ID, "Your new code is 41234") }

	if err := client.RequestAnotherSMS(ctx, first.ID); err != nil {
		log.Fatal(err)
	}
	if err := resend(); err != nil { // your app's "send me another code"
		log.Fatal(err)
	}
	second, err := client.WaitSMS(ctx, first.ID, tempnumber.After(first)) // never the former code again
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.Code, second.Code)
	// Output: 05678 41234
}

func ExampleClient_CreateActivation() {
	ctx := context.Background()
	client, server := offline()
	_ = server.SetPrice("facebook", "us", 75*tempnumber.Cent)

	_, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{
		ServiceID: "facebook", CountryID: "us", MaxPrice: 50 * tempnumber.Cent,
	})
	var api *tempnumber.APIError
	switch {
	case errors.Is(err, tempnumber.ErrPriceChanged) && errors.As(err, &api):
		fmt.Println("it costs", api.NewPrice, "now")
	case errors.Is(err, tempnumber.ErrInsufficientFunds):
		fmt.Println("top up the balance")
	case errors.Is(err, tempnumber.ErrNotFound):
		fmt.Println("no numbers there now")
	case err != nil:
		log.Fatal(err)
	}
	// Output: it costs 0.75 now
}

func ExampleClient_Activations() {
	ctx := context.Background()
	client, _ := offline()
	for range 3 {
		if _, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}); err != nil {
			log.Fatal(err)
		}
	}

	pending := 0
	for a, err := range client.Activations(ctx, tempnumber.ListParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		if !a.Status.HasSMS() && !a.Status.Terminal() {
			pending++
		}
	}
	fmt.Println(pending, "numbers wait for an SMS")
	// Output: 3 numbers wait for an SMS
}

func ExampleClient_PricesByService() {
	ctx := context.Background()
	client, server := offline()
	_ = server.SetPrice("facebook", "pl", 2*tempnumber.Cent)

	services, err := client.PricesByService(ctx) // a large list and three requests a minute: keep it
	if err != nil {
		log.Fatal(err)
	}
	i := slices.IndexFunc(services, func(s tempnumber.ServicePrices) bool { return s.ServiceID == "facebook" })
	cheapest := slices.MinFunc(services[i].Countries, func(a, b tempnumber.CountryPrice) int { return int(a.Price - b.Price) })
	fmt.Println(cheapest.CountryID, cheapest.Price)
	// Output: pl 0.02
}

func ExampleClient_Offer() {
	ctx := context.Background()
	client, server := offline()
	_ = server.SetPrice("facebook", "us", 75*tempnumber.Cent)

	offer, err := client.Offer(ctx, "facebook", "us", tempnumber.Language("en"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(offer.ServiceName, offer.CountryName, offer.Price, offer.HasNumbers)
	// Output: Facebook United States 0.75 true
}

func ExampleClient_Balance() {
	client, server := offline()
	server.SetBalance(12*tempnumber.Dollar + 50*tempnumber.Cent)

	balance, err := client.Balance(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(balance.Available)
	// Output: 12.5
}

func ExampleNewLimiter() {
	// Two clients of one key, with different settings, keep its limits together.
	limiter := tempnumber.NewLimiter(nil)
	patient, err := tempnumber.New("the-API-key", tempnumber.WithLimiter(limiter))
	if err != nil {
		log.Fatal(err)
	}
	hasty, err := tempnumber.New("the-API-key", tempnumber.WithLimiter(limiter), tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(patient, hasty)
	// Output: tempnumber.Client(https://tn-api.com/api/v1) tempnumber.Client(https://tn-api.com/api/v1)
}

func ExampleClient_Raw() {
	client, _ := offline()
	resp, err := client.Raw().GetUserBalance(context.Background()) // same key, limits and retries
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode, resp.ContentLength > 0)
	// Output: 200 true
}

func ExampleAmount() {
	price, err := tempnumber.ParseAmount("0.1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(price+20*tempnumber.Cent, 3*price == 30*tempnumber.Cent)
	// Output: 0.3 true
}

func ExamplePhone() {
	client, server := offline()
	server.AutoDeliver(0, "Your code is 05678")
	a, err := client.ReceiveSMS(context.Background(), tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.Phone.E164() == "+"+a.Phone.CountryCode()+a.Phone.National())
	// Output: true
}

// requestCount is an Observer that counts the requests which were sent.
type requestCount struct{ n atomic.Int64 }

func (c *requestCount) Observe(e tempnumber.Event) {
	if e.Kind == tempnumber.EventAttempt {
		c.n.Add(1)
	}
}

func ExampleWithObserver() {
	ctx := context.Background()
	sent := new(requestCount)
	client, _ := offline(tempnumber.WithObserver(sent)) // or publish it: expvar.Publish("tempnumber_requests", …)
	for range 3 {
		if _, err := client.Balance(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(sent.n.Load(), "requests")
	// Output: 3 requests
}

// Waits share one poller and its requests: a group of them costs no more than one.
func ExampleClient_WaitSMS_many() {
	ctx := context.Background()
	sent := new(requestCount)
	client, server := offline(tempnumber.WithObserver(sent))
	server.AutoDeliver(0, "Your code is 05678")
	const n = 20
	var ids [n]tempnumber.ActivationID
	for i := range ids {
		a, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
		if err != nil {
			log.Fatal(err)
		}
		ids[i] = a.ID
	}
	before := sent.n.Load()

	var group sync.WaitGroup // or an errgroup.Group
	var codes atomic.Int64
	for _, id := range ids {
		group.Go(func() {
			if a, err := client.WaitSMS(ctx, id); err == nil && a.Code == "05678" {
				codes.Add(1)
			}
		})
	}
	group.Wait()
	fmt.Println(codes.Load(), "codes, by fewer requests than waits:", sent.n.Load()-before < n)
	// Output: 20 codes, by fewer requests than waits: true
}

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
