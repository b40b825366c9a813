package tempnumber

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives the calls and the waits that it was made for.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
