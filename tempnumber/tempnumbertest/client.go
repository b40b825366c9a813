package tempnumbertest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// memoryURL is the base URL of clients in memory. The name is reserved and leads
// nowhere, should a request leave by mistake.
const memoryURL = "https://tempnumber.invalid/api/v1"

// Client returns a client with the server's key that reaches it in memory. Options
// come on top, so they may replace the base URL and the http.Client.
func (s *Server) Client(t testing.TB, opts ...tempnumber.Option) *tempnumber.Client {
	t.Helper()
	client, err := tempnumber.New(s.config.key, append([]tempnumber.Option{
		tempnumber.WithBaseURL(memoryURL),
		tempnumber.WithHTTPClient(&http.Client{Transport: s.Transport()}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// URL serves HTTP on a free port of the loopback interface until the test ends,
// and returns the base URL, for tempnumber.WithBaseURL or for clients in any other
// language; the control API is there as well. Requests that are still open at the
// end are cut.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	listening := httptest.NewServer(s.ControlHandler())
	t.Cleanup(func() {
		listening.CloseClientConnections()
		listening.Close()
		s.intake.Close()
	})
	return listening.URL + "/api/v1"
}
