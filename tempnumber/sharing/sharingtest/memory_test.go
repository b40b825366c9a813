package sharingtest_test

import (
	"testing"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
)

func TestMemory(t *testing.T) {
	var logs sharingtest.Memory
	sharingtest.TestLog(t,
		func(*testing.T) sharing.Log { return logs.Log("a") },
		func(*testing.T) { logs.Log("a").Forget() })
}
