package tempnumber

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives the calls and the waits that it was made for. Toxiproxy
// now and then leaves one of its own behind when both ends of a connection close at once.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"))
}
