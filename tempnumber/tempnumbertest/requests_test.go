package tempnumbertest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestRequests(t *testing.T) {
	server := tempnumbertest.NewServer()
	call(t, server, "POST", "/api/v1/activations", orderBody, func(r *http.Request) { r.Header.Set("User-Agent", "signup-tests/1.0") })
	call(t, server, "GET", "/activations?page=2&limit=5", "")
	call(t, server, "GET", "/services/facebook/countries/us", "", func(r *http.Request) { r.Header.Set("prx-lang", "de") })
	call(t, server, "GET", "/nothing", "", func(r *http.Request) { r.Header.Set("x-api-key", "wrong") })

	seen := server.Requests()
	require.Len(t, seen, 4)
	for i := range seen {
		require.False(t, seen[i].At.IsZero())
		seen[i].At = seen[0].At
	}
	at := seen[0].At
	require.Equal(t, []tempnumbertest.Request{
		{ID: 1, At: at, Endpoint: tempnumber.EndpointCreateActivation, Method: "POST", Path: "/api/v1/activations", Body: orderBody, UserAgent: "signup-tests/1.0", Authorized: true, Status: 200},
		{ID: 2, At: at, Endpoint: tempnumber.EndpointListActivations, Method: "GET", Path: "/activations", Query: "page=2&limit=5", UserAgent: "Go-http-client/1.1", Authorized: true, Status: 200},
		{ID: 3, At: at, Endpoint: tempnumber.EndpointOffer, Method: "GET", Path: "/services/facebook/countries/us", UserAgent: "Go-http-client/1.1", Language: "de", Authorized: true, Status: 200},
		{ID: 4, At: at, Method: "GET", Path: "/nothing", UserAgent: "Go-http-client/1.1", Status: 401},
	}, seen)
}

func TestRequestsHoldNoSecret(t *testing.T) {
	const key, text = "tn-0123456789-secret", "your secret code is 998877"
	server := tempnumbertest.NewServer(tempnumbertest.WithKey(key))
	withKey := func(r *http.Request) { r.Header.Set("x-api-key", key) }
	call(t, server, "POST", "/activations", orderBody, withKey)
	require.NoError(t, server.DeliverSMS(12312, text))
	call(t, server, "GET", "/activations/12312", "", withKey)
	// Nor where it does not belong.
	call(t, server, "POST", "/"+key+"?key="+key, strings.Repeat(" ", 505)+key, withKey, func(r *http.Request) {
		r.Header.Set("User-Agent", key)
		r.Header.Set("prx-lang", key)
	})
	call(t, server, "GET", "/activations", "", func(r *http.Request) { r.Header.Set("x-api-key", "another-secret") })
	printed := fmt.Sprintf("%+v", server.Requests())
	require.Len(t, server.Requests(), 4)
	for _, secret := range []string{key, key[:7], "secret", "998877", "another"} {
		require.NotContains(t, printed, secret)
	}
}

func TestRequestLogSize(t *testing.T) {
	for size, want := range map[int][]string{0: {}, 1: {"/7"}, 3: {"/5", "/6", "/7"}, 7: {"/1", "/2", "/3", "/4", "/5", "/6", "/7"}, 8: {"/1", "/2", "/3", "/4", "/5", "/6", "/7"}} {
		server := tempnumbertest.NewServer(tempnumbertest.WithRequestLog(size))
		for i := range 7 {
			call(t, server, "GET", fmt.Sprintf("/%d", i+1), "")
		}
		paths := []string{}
		for _, r := range server.Requests() {
			paths = append(paths, r.Path)
			require.Equal(t, http.StatusNotFound, r.Status)
		}
		require.Equal(t, want, paths, "a log of %d", size)
	}
}
