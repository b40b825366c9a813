package slot

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// TestMain draws more stories than rapid does of itself. The command line still decides.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "5000"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
