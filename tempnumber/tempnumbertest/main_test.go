package tempnumbertest

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives the requests that it was made for.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
