package cli

import (
	"regexp"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// What depends on how fast an answer comes is tested here, in virtual time; the
// scripts run real processes.

// withoutClock replaces the times of day in a text.
func withoutClock(text string) string {
	return regexp.MustCompile(`\d\d:\d\d:\d\d`).ReplaceAllString(text, "TIME")
}

func TestWaitTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tool := apart(t, tempnumbertest.NewServer())
		out, _, exit := tool.run(t.Context(), "order", "facebook", "us")
		require.Zero(t, exit)
		require.Equal(t, "12312 +18454076623\n", out)

		out, problem, exit := tool.run(t.Context(), "wait", "12312", "--timeout", "700ms")
		require.Equal(t, exitNoSMS, exit)
		require.Empty(t, out)
		require.Equal(t, "error: no SMS for activation 12312 (+18454076623, facebook in us) within 700ms; its status is smsRequested\n"+
			"hint:  the number lives until TIME; wait on with: tempnumber wait 12312\n", withoutClock(problem))

		out, problem, exit = tool.run(t.Context(), "wait", "12312", "--timeout", "700ms", "--json")
		require.Equal(t, exitNoSMS, exit)
		require.Empty(t, out)
		require.JSONEq(t, `{"error":{"kind":"no_sms","exit_code":3,`+
			`"message":"no SMS for activation 12312 (+18454076623, facebook in us) within 700ms; its status is smsRequested",`+
			`"hint":"the number lives until TIME; wait on with: tempnumber wait 12312","id":12312,"number":"+18454076623"}}`+"\n", withoutClock(problem))
	})
}

func TestWaitTimeoutWithoutLook(t *testing.T) {
	for name, c := range map[string]struct {
		fault tempnumbertest.Fault
		exit  int
		says  string
	}{
		"unavailable":  {tempnumbertest.Fault{Status: 503}, exitUnavailable, "could not be looked at within 60ms, because the service is unavailable (503 Service Unavailable)"},
		"rate limited": {tempnumbertest.Fault{Status: 429, Name: "TooManyRequestsException"}, exitLimited, "rate limit is used up"},
		"no answer":    {tempnumbertest.Fault{Hang: true}, exitUnreachable, "could not be looked at within 60ms, because the service did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := tempnumbertest.NewServer()
				tool := apart(t, server)
				_, _, exit := tool.run(t.Context(), "order", "facebook", "us")
				require.Zero(t, exit)
				server.Fail(tempnumber.EndpointGetActivation, c.fault)
				out, problem, exit := tool.run(t.Context(), "wait", "12312", "--timeout", "60ms")
				require.Equal(t, c.exit, exit)
				require.Empty(t, out)
				require.Contains(t, problem, c.says)
			})
		})
	}
}

func TestUnavailableTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Status: 503, Name: "ServiceUnavailableException"})
		_, problem, exit := tool.run(t.Context(), "order", "google", "us", "--timeout", "3s")
		require.Equal(t, exitUnavailable, exit)
		require.Contains(t, problem, "the answer to the order was lost, and no number")
		require.Contains(t, problem, "hint:  look before ordering again")

		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Status: 503, Name: "ServiceUnavailableException", Message: "closed for today"})
		_, problem, exit = tool.run(t.Context(), "balance", "--timeout", "4s")
		require.Equal(t, exitUnavailable, exit)
		require.Contains(t, problem, "closed for today")
	})
}

func TestAnotherTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		_, _, exit := tool.run(t.Context(), "order", "facebook", "us")
		require.Zero(t, exit)
		require.NoError(t, server.DeliverSMS(12312, "Your code is 05678"))
		_, _, exit = tool.run(t.Context(), "another", "12312")
		require.Zero(t, exit)
		out, _, exit := tool.run(t.Context(), "wait", "12312", "--timeout", "700ms")
		require.Equal(t, exitNoSMS, exit)
		require.Empty(t, out, "never the former code")
	})
}

// The list of pending activations is kept for ten seconds, and asked for once in
// that time.
func TestCompletionPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		for range 2 {
			_, _, exit := tool.run(t.Context(), "list")
			require.Zero(t, exit)
		}
		_, _, exit := tool.run(t.Context(), "order", "facebook", "us")
		require.Zero(t, exit)
		_, _, exit = tool.run(t.Context(), "list")
		require.Zero(t, exit)
		before := len(server.Requests())
		for _, line := range [][]string{{"wait", ""}, {"show", "1231"}} {
			words, _, exit := tool.run(t.Context(), append([]string{"__complete"}, line...)...)
			require.Zero(t, exit)
			require.Contains(t, words, "12312\t+18454076623, facebook in us\n")
		}
		words, _, _ := tool.run(t.Context(), "__complete", "another", "9")
		require.NotContains(t, words, "12312")
		require.Len(t, server.Requests(), before, "from the cache")

		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Hang: true})
		for range 2 {
			words, _, exit := tool.run(t.Context(), "__complete", "receive", "f")
			require.Zero(t, exit)
			require.NotContains(t, words, "facebook\n")
		}
		require.Len(t, server.Requests(), before+1, "one request a minute")
	})
}
