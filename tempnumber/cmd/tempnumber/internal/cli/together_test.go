package cli

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// A hundred orders are more than the 80 that two minutes allow, and a hundred
// waits share 80 looks: in virtual time this takes no time.
func TestHundredPairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pairs = 100
		server := tempnumbertest.NewServer(tempnumbertest.WithPendingCap(0), tempnumbertest.WithBalance(1000*tempnumber.Dollar),
			tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}),
			tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }))
		tool := together(t, server)

		var all sync.WaitGroup
		for n := range pairs {
			all.Go(func() {
				ordered, problem, exit := tool.run(t.Context(), "order", "facebook", "us")
				assert.Zero(t, exit, problem)
				id, number, _ := strings.Cut(strings.TrimSpace(ordered), " ")
				code := fmt.Sprintf("%05d", n) // each number gets a code of its own, leading zeros too
				time.AfterFunc(time.Duration(n)*time.Second, func() {
					_ = server.DeliverSMSTo(number, "Your code is "+code) // a lost one would show in the code
				})
				got, problem, exit := tool.run(t.Context(), "wait", id)
				assert.Zero(t, exit, problem)
				assert.Equal(t, code+"\n", got, "none stolen, none mixed up")
			})
		}
		all.Wait()

		refused := 0
		for _, r := range server.Requests() {
			if r.Status == 429 {
				refused++
			}
		}
		require.Zero(t, refused)
		limits := tempnumber.DefaultLimits()
		require.LessOrEqual(t, server.MaxInWindow(tempnumber.EndpointCreateActivation), limits[tempnumber.EndpointCreateActivation].Requests)
		require.LessOrEqual(t, server.MaxInWindow(tempnumber.EndpointGetActivation), limits[tempnumber.EndpointGetActivation].Requests)
		require.LessOrEqual(t, server.MaxInWindow(tempnumber.EndpointListActivations), limits[tempnumber.EndpointListActivations].Requests)
	})
}
