package tempnumber

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoute(t *testing.T) {
	base, err := url.Parse("https://api.example.test/v1")
	require.NoError(t, err)
	for request, want := range map[[2]string]Endpoint{
		{"GET", "/v1/activations"}:                     EndpointListActivations,
		{"GET", "/v1/activations?page=2"}:              EndpointListActivations,
		{"POST", "/v1/activations"}:                    EndpointCreateActivation,
		{"GET", "/v1/activations/12312"}:               EndpointGetActivation,
		{"PUT", "/v1/activations/12312"}:               EndpointUpdateActivation,
		{"GET", "/v1/services/pricelistByCountry"}:     EndpointPricesByCountry,
		{"GET", "/v1/services/pricelistByService"}:     EndpointPricesByService,
		{"GET", "/v1/services/facebook/countries/us"}:  EndpointOffer,
		{"GET", "/v1/services/a-b_C9/countries/x-Y_1"}: EndpointOffer,
		{"GET", "/v1/user/balance"}:                    EndpointBalance,
	} {
		u, err := base.Parse(request[1])
		require.NoError(t, err)
		got, err := route(base, request[0], u)
		require.NoError(t, err, request)
		require.Equal(t, want, got)
	}
}

func TestRouteErrors(t *testing.T) {
	base, err := url.Parse("https://api.example.test/v1")
	require.NoError(t, err)
	for _, request := range [][2]string{
		{"DELETE", "/v1/activations/1"},
		{"GET", "/v1/activations/"},
		{"GET", "/v1/activations/0"},
		{"GET", "/v1/activations/-1"},
		{"GET", "/v1/activations/1/2"},
		{"GET", "/v1/activations/..%2fuser"},
		{"GET", "/v1/services/%2e%2e/countries/us"},
		{"GET", "/v1/services/a%2Fb/countries/us"},
		{"GET", "/v1/services//countries/us"},
		{"GET", "/v1/user/balance/"},
		{"GET", "/user/balance"},
		{"GET", "https://elsewhere.example.test/v1/user/balance"},
		{"GET", "http://api.example.test/v1/user/balance"},
		{"GET", "https://user@api.example.test/v1/user/balance"},
	} {
		u, err := base.Parse(request[1])
		require.NoError(t, err)
		_, err = route(base, request[0], u)
		require.ErrorIs(t, err, ErrInvalidInput, request)
	}
}
