package cli

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)

		// The answer to an order is lost, and nothing of it shows.
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, Drop: true})
		_, problem, exit := tool.run(t.Context(), "order", "facebook", "us")
		require.Equal(t, exitOther, exit)
		require.Contains(t, problem, "hint:  look before ordering again: tempnumber recover\n")

		// The next order says so at once, but not among what programs read.
		out, problem, exit := tool.run(t.Context(), "order", "google", "us")
		require.Zero(t, exit)
		require.Equal(t, "12312 +18454076623\n", out)
		require.Regexp(t, `^an earlier order, facebook in us at [-\d]+ [:\d]+, may have bought a number; see: tempnumber recover\n$`, problem)
		_, problem, exit = tool.run(t.Context(), "order", "google", "us", "--json")
		require.Zero(t, exit)
		require.Empty(t, problem)

		// Another is carried out late.
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, Drop: true, LateCommit: 3 * time.Second})
		_, _, exit = tool.run(t.Context(), "order", "telegram", "us", "--timeout", "1s")
		require.Equal(t, exitOther, exit)
		time.Sleep(5 * time.Second)
		out, problem, exit = tool.run(t.Context(), "recover", "-o", "csv")
		require.Equal(t, exitOther, exit)
		require.Regexp(t, `telegram,us,candidate,12314,\+1845`, out)
		require.Regexp(t, `facebook,us,unknown,0,\n`, out)
		require.Equal(t, "error: an order does not show in the account's history yet\n"+
			"hint:  look again in some minutes: tempnumber recover -o csv\n", problem)

		// What was listed is done with, and in time the other one is, too.
		time.Sleep(10 * time.Minute)
		out, problem, exit = tool.run(t.Context(), "recover")
		require.Zero(t, exit)
		require.Equal(t, "looking in the account's history, for up to 30 seconds\n", problem)
		require.Equal(t, "ORDERED  SERVICE   COUNTRY  RESULT   ID  NUMBER\nTIME     facebook  us       nothing\n",
			regexp.MustCompile(`ORDERED +|\d{4}\S+ \S+ `).ReplaceAllStringFunc(out, func(s string) string {
				return map[bool]string{true: "ORDERED  ", false: "TIME    "}[s[0] == 'O']
			}))
		out, problem, exit = tool.run(t.Context(), "recover")
		require.Zero(t, exit)
		require.Empty(t, out)
		require.Equal(t, "no open orders found\n", problem)
	})
}

func TestRecoverExclusiveKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, Drop: true, LateCommit: 3 * time.Second})
		_, _, exit := tool.run(t.Context(), "order", "facebook", "us", "--timeout", "1s")
		require.Equal(t, exitOther, exit)
		time.Sleep(time.Minute)
		out, problem, exit := tool.run(t.Context(), "recover", "--exclusive-key", "--json")
		require.Zero(t, exit, problem)
		require.Contains(t, out, `"result": "bought",`)
		require.Contains(t, out, `"id": 12312,`)
		require.Empty(t, problem)
	})
}

func TestRecoverUnreadableHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, AfterCommit: true, Drop: true})
		server.Fail(tempnumber.EndpointListActivations, tempnumbertest.Fault{Status: 503})
		_, _, exit := tool.run(t.Context(), "order", "facebook", "us")
		require.Equal(t, exitOther, exit)
		_, problem, exit := tool.run(t.Context(), "recover")
		require.Equal(t, exitUnavailable, exit)
		require.Contains(t, problem, "error: the service is unavailable (503 ")
		server.ClearFaults()
		out, _, exit := tool.run(t.Context(), "recover", "-o", "csv")
		require.Zero(t, exit)
		require.Contains(t, out, ",candidate,12312,", "it is still open")
	})
}

func TestJournalWithoutHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		delete(tool.env, "XDG_STATE_HOME")
		t.Setenv("HOME", "")
		_, problem, exit := tool.run(t.Context(), "order", "facebook", "us")
		require.Equal(t, exitOther, exit)
		require.Contains(t, problem, "neither HOME nor XDG_STATE_HOME is set")
		require.Empty(t, server.Activations())
		_, _, exit = tool.run(t.Context(), "order", "facebook", "us", "--no-journal")
		require.Zero(t, exit)
	})
}
