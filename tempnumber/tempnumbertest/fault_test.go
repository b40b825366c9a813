package tempnumbertest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// door is a way to send an order to a server.
type door struct {
	transport http.RoundTripper
	base      string
}

// send orders a number. It returns the status, what of the body came, and the error
// of the exchange or of the body.
func (d door) send(ctx context.Context) (status int, body string, err error) {
	return d.exchange(ctx, http.MethodPost, "/activations", orderBody)
}

// get asks for something and returns what send returns.
func (d door) get(ctx context.Context, path string) (status int, body string, err error) {
	return d.exchange(ctx, http.MethodGet, path, "")
}

func (d door) exchange(ctx context.Context, method, path, sent string) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, d.base+path, strings.NewReader(sent))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("x-api-key", tempnumbertest.DefaultKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := d.transport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// doors are all the ways to a server.
func doors(t *testing.T, server *tempnumbertest.Server) map[string]door {
	t.Helper()
	plain := &http.Transport{DisableKeepAlives: true}
	secure := httptest.NewUnstartedServer(server)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(secure.Close)
	return map[string]door{
		"in memory": {server.Transport(), "https://tempnumber.invalid"},
		"HTTP/1.1":  {plain, server.URL(t)},
		"HTTP/2":    {secure.Client().Transport, secure.URL},
	}
}

func TestFaultsOverEveryTransport(t *testing.T) {
	const page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"
	for name, c := range map[string]struct {
		fault     tempnumbertest.Fault
		status    int    // 0: no answer
		body      string // what it begins with
		broken    bool   // the body ends in an error
		purchases int
	}{
		"an error":                     {tempnumbertest.Fault{Status: 503}, 503, `{"errorMessage":"Service Unavailable","errorName":"ServiceUnavailableException"}`, false, 0},
		"an error by its name":         {tempnumbertest.Fault{Name: "goneexception", Message: "over"}, 410, `{"errorMessage":"over","errorName":"goneexception"}`, false, 0},
		"a price":                      {tempnumbertest.Fault{NewPrice: tempnumber.Dollar}, 409, `{"errorMessage":"Conflict","errorName":"expectedPriceErrorException","newPrice":1}`, false, 0},
		"an unknown status":            {tempnumbertest.Fault{Status: 599, Message: "odd"}, 599, `{"errorMessage":"odd","errorName":"InternalServerErrorException"}`, false, 0},
		"an error after the purchase":  {tempnumbertest.Fault{Status: 502, AfterCommit: true}, 502, `{"errorMessage":"Bad Gateway"`, false, 1},
		"a page":                       {tempnumbertest.Fault{HTML: true}, 502, page, false, 0},
		"a page in place of an answer": {tempnumbertest.Fault{HTML: true, Status: 200, AfterCommit: true}, 200, "<html>", false, 1},
		"text":                         {tempnumbertest.Fault{Body: "{]"}, 200, "{]", false, 0},
		"nothing":                      {tempnumbertest.Fault{NoBody: true, Status: 500}, 500, "", false, 0},
		"an empty success":             {tempnumbertest.Fault{Status: 200, AfterCommit: true}, 200, "", false, 1},
		"a redirect":                   {tempnumbertest.Fault{Status: 307, Header: http.Header{"Location": {"/elsewhere"}}}, 307, "", false, 0},
		"a dropped connection":         {tempnumbertest.Fault{Drop: true}, 0, "", false, 0},
		"a drop after the purchase":    {tempnumbertest.Fault{Drop: true, AfterCommit: true}, 0, "", false, 1},
		"a reset":                      {tempnumbertest.Fault{Reset: true}, 0, "", false, 0},
		"a reset after the purchase":   {tempnumbertest.Fault{Reset: true, AfterCommit: true}, 0, "", false, 1},
		"a refused connection":         {tempnumbertest.Fault{Refuse: true}, 0, "", false, 0},
		"a cut body":                   {tempnumbertest.Fault{CutBody: true}, 200, `{`, true, 1},
		"a cut error":                  {tempnumbertest.Fault{CutBody: true, Status: 503}, 503, `{`, true, 0},
		"a slow body":                  {tempnumbertest.Fault{SlowBody: time.Microsecond}, 200, `{`, false, 1},
		"a slow and cut body":          {tempnumbertest.Fault{SlowBody: time.Microsecond, CutBody: true}, 200, `{`, true, 1},
		"a delay":                      {tempnumbertest.Fault{Delay: time.Millisecond, AnswerDelay: time.Millisecond}, 200, `{`, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			server := tempnumbertest.NewServer()
			purchases := 0
			for through, d := range doors(t, server) {
				c.fault.Times = 1
				server.Fail(tempnumber.EndpointCreateActivation, c.fault)
				status, body, err := d.send(t.Context())
				purchases += c.purchases
				require.Equal(t, c.status, status, "%s: %v", through, err)
				require.Truef(t, strings.HasPrefix(body, c.body), "%s: %s", through, body)
				require.Equal(t, c.broken || c.status == 0, err != nil, "%s: %v", through, err)
				require.Len(t, server.Activations(), purchases, through)

				status, _, err = d.send(t.Context())
				purchases++
				require.NoError(t, err, "%s: once is once", through)
				require.Equal(t, http.StatusOK, status)
			}
		})
	}
}

func TestLostConnectionErrors(t *testing.T) {
	server := tempnumbertest.NewServer()
	for through, d := range doors(t, server) {
		if through == "HTTP/2" {
			continue // there a stream ends, not a connection
		}
		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Drop: true, Times: 1})
		_, _, err := d.send(t.Context())
		require.ErrorIs(t, err, io.EOF, through)
		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Reset: true, Times: 1})
		_, _, err = d.send(t.Context())
		reset := syscall.ECONNRESET
		if runtime.GOOS == "windows" && through != "in memory" {
			reset = 10054 // WSAECONNRESET
		}
		require.ErrorIs(t, err, reset, through)
		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{CutBody: true, Times: 1})
		_, _, err = d.send(t.Context())
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, through)
	}
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Refuse: true})
	_, _, err := door{server.Transport(), "http://tempnumber.invalid"}.send(t.Context())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestHangEndsWithClient(t *testing.T) {
	server := tempnumbertest.NewServer()
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Hang: true})
	for through, d := range doors(t, server) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, _, err := d.send(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, through)
	}
	require.Empty(t, server.Activations())
}

func TestCommitAfterClientLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			fault     tempnumbertest.Fault
			purchases int
		}{
			"carried out after a while":      {tempnumbertest.Fault{Delay: 10 * time.Second}, 1},
			"answered after a while":         {tempnumbertest.Fault{AnswerDelay: 10 * time.Second}, 1},
			"carried out and hanging":        {tempnumbertest.Fault{Hang: true, AfterCommit: true}, 1},
			"carried out late":               {tempnumbertest.Fault{Hang: true, LateCommit: 10 * time.Second}, 1},
			"carried out late after a while": {tempnumbertest.Fault{Delay: 5 * time.Second, LateCommit: 5 * time.Second}, 1},
			"refused after a while":          {tempnumbertest.Fault{Delay: 10 * time.Second, Status: 503}, 0},
			"hanging":                        {tempnumbertest.Fault{Hang: true}, 0},
			"answered slowly":                {tempnumbertest.Fault{SlowBody: time.Second}, 1},
		} {
			server := tempnumbertest.NewServer()
			server.Fail(tempnumber.EndpointCreateActivation, c.fault)
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _, err := door{server.Transport(), "https://tempnumber.invalid"}.send(ctx)
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
			require.Equal(t, began.Add(time.Second), time.Now(), name)
			time.Sleep(10 * time.Second)
			bought := server.Activations()
			require.Len(t, bought, c.purchases, name)
			if c.purchases > 0 {
				require.Equal(t, began.Add(c.fault.Delay+c.fault.LateCommit), bought[0].CreatedAt, name)
			}
			require.Equal(t, int64(c.purchases), int64((100*tempnumber.Dollar-server.Balance())/max(1, priceOf(bought))), name)
		}
	})
}

func priceOf(bought []tempnumbertest.Activation) tempnumber.Amount {
	if len(bought) == 0 {
		return 0
	}
	return bought[0].Price
}

func TestLateCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{LateCommit: 2 * time.Second})
		sent := time.Now()
		_, _, err := door{server.Transport(), "https://tempnumber.invalid"}.send(t.Context())
		require.ErrorIs(t, err, io.EOF, "the answer is lost")
		require.Empty(t, server.Activations())
		time.Sleep(2*time.Second - 1)
		require.Empty(t, server.Activations())
		time.Sleep(time.Hour)
		bought := server.Activations()
		require.Len(t, bought, 1)
		require.Equal(t, sent.Add(2*time.Second), bought[0].CreatedAt, "though nobody looked then")
		require.Equal(t, tempnumber.StatusRefunded, bought[0].Status)
	})
}

func TestFaultOrder(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithoutLimits())
	status := func(path string) int {
		answer, _ := call(t, server, "GET", path, "")
		return answer.StatusCode
	}
	server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Status: 500, Skip: 1, Times: 2})
	server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Status: 503, Times: 1})
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Status: 418, Only: func(r tempnumbertest.Request) bool { return strings.HasSuffix(r.Path, "/12312") }})
	require.Equal(t, 503, status("/user/balance"), "the first one lets one through, which meets the second")
	require.Equal(t, 500, status("/user/balance"))
	require.Equal(t, 500, status("/user/balance"))
	require.Equal(t, 200, status("/user/balance"))
	require.Equal(t, 418, status("/activations/12312"))
	require.Equal(t, 404, status("/activations/12313"))
	require.Equal(t, 418, status("/nothing/12312"), "a path that is not an operation has faults, too")
	server.ClearFaults()
	require.Equal(t, 404, status("/activations/12312"))

	seen := server.Requests()
	require.True(t, seen[0].Fault)
	require.False(t, seen[3].Fault)
	require.Equal(t, 500, seen[1].Status)
}

func TestRefusedConnectionOrder(t *testing.T) {
	server := tempnumbertest.NewServer()
	outcome := func() int {
		status, _, err := door{server.Transport(), "https://tempnumber.invalid"}.send(t.Context())
		if err != nil {
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		}
		return status
	}
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Status: 503, Times: 1})
	server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Refuse: true})
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Refuse: true, Skip: 1, Times: 2})
	require.Equal(t, []int{503, 200, 0, 0, 200}, []int{outcome(), outcome(), outcome(), outcome(), outcome()})
	require.Len(t, server.Requests(), 3)

	server.ClearFaults()
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Status: 503, Times: 1})
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Refuse: true, Times: 1})
	require.Equal(t, []int{503, 0, 200}, []int{outcome(), outcome(), outcome()})
}

func TestFaultsAfterKeyAndLimit(t *testing.T) {
	server := tempnumbertest.NewServer()
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Status: 500})
	answer, _ := call(t, server, "GET", "/user/balance", "", func(r *http.Request) { r.Header.Del("x-api-key") })
	require.Equal(t, 401, answer.StatusCode)
	for range 10 {
		answer, _ = call(t, server, "GET", "/user/balance", "")
		require.Equal(t, 500, answer.StatusCode)
	}
	answer, _ = call(t, server, "GET", "/user/balance", "")
	require.Equal(t, 429, answer.StatusCode)
}

func TestLostAnswerStatus(t *testing.T) {
	server := tempnumbertest.NewServer()
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Drop: true})
	_, _, err := door{server.Transport(), "https://tempnumber.invalid"}.send(t.Context())
	require.Error(t, err)
	require.Zero(t, server.Requests()[0].Status)
}

func TestFaultsSeenByClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		client := server.Client(t)
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Drop: true, AfterCommit: true, Times: 1})
		_, err := client.CreateActivation(t.Context(), facebookInUS)
		require.Error(t, err)
		require.Len(t, server.Activations(), 1)

		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Refuse: true, Times: 1})
		_, err = client.CreateActivation(t.Context(), facebookInUS)
		require.NoError(t, err, "nothing was sent, so it is tried again")
		require.Len(t, server.Activations(), 2)

		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Status: 403, Times: 1})
		_, err = client.Balance(t.Context())
		require.ErrorIs(t, err, tempnumber.ErrAccountOnHold)
	})
}
