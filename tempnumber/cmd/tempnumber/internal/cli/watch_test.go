package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// A service that is away is one line, and one more when it is back.
func TestServiceAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Times: 5, Status: 503})
		out, problem, exit := tool.run(t.Context(), "balance")
		require.Zero(t, exit)
		require.Equal(t, "100\n", out)
		require.Regexp(t, `^the service does not answer \(503 Service Unavailable\); trying again\n`+
			`the service answers again, after 5 tries in 0:0\d\n$`, problem)

		time.Sleep(2 * time.Minute) // the limit is 10 a minute
		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Drop: true})
		_, problem, exit = tool.run(t.Context(), "balance")
		require.Equal(t, exitUnreachable, exit)
		lines := strings.Split(problem, "\n")
		require.Len(t, lines, 4, problem)
		require.Equal(t, "the service does not answer (no answer); trying again", lines[0])
		require.Regexp(t, `^error: the service cannot be reached at tn-api\.com: the connection was cut \(8 tries in 0:\d\d\)$`, lines[1])
		require.Equal(t, "hint:  check the network and the address, then try it again: tempnumber balance", lines[2])
	})
}

// A service that was never reached is not a number without an SMS.
func TestWaitUnreachable(t *testing.T) {
	for _, fault := range []tempnumbertest.Fault{{Drop: true}, {Hang: true}, {Reset: true}} {
		synctest.Test(t, func(t *testing.T) {
			server := tempnumbertest.NewServer()
			tool := apart(t, server)
			_, _, exit := tool.run(t.Context(), "order", "facebook", "us")
			require.Zero(t, exit)
			server.Fail(tempnumbertest.AnyEndpoint, fault)
			start := time.Now()
			out, problem, exit := tool.run(t.Context(), "wait", "12312")
			require.Equal(t, exitUnreachable, exit, problem)
			require.Empty(t, out)
			require.Contains(t, problem, "error: activation 12312 could not be looked at within ")
			require.Contains(t, problem, "because the service did not answer")
			require.NotContains(t, problem, "expired")
			require.Less(t, strings.Count(problem, "\n"), 4, problem)
			require.Less(t, time.Since(start), time.Hour)
		})
	}
}

func TestRoundly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		999 * time.Millisecond: "1s", 700 * time.Millisecond: "700ms", 51234 * time.Microsecond: "50ms",
		1234 * time.Millisecond: "1.2s", 12345 * time.Millisecond: "12s", 90*time.Second + 400*time.Millisecond: "1m30s",
	} {
		require.Equal(t, want, roundly(d).String(), d)
	}
}

// A rate limit that is used up is told once, however often it is met.
func TestRateLimitToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Times: 3, Status: 429, Name: "TooManyRequestsException"})
		_, problem, exit := tool.run(t.Context(), "balance")
		require.Zero(t, exit)
		require.Equal(t, 1, strings.Count(problem, "\n"), problem)
		require.Contains(t, problem, "the rate limit of GET /user/balance is used up")
	})
}
