package tempnumber

import (
	"net/url"
	"strings"
)

// Endpoint names one operation of the API by its method and path, the unit in
// which the service counts requests: all activations together share
// EndpointGetActivation.
type Endpoint string

// The operations of the API 1.3.8.
const (
	EndpointListActivations  Endpoint = "GET /activations"
	EndpointCreateActivation Endpoint = "POST /activations"
	EndpointGetActivation    Endpoint = "GET /activations/{activation_id}"
	EndpointUpdateActivation Endpoint = "PUT /activations/{activation_id}"
	EndpointPricesByCountry  Endpoint = "GET /services/pricelistByCountry"
	EndpointPricesByService  Endpoint = "GET /services/pricelistByService"
	EndpointOffer            Endpoint = "GET /services/{service_id}/countries/{country_id}"
	EndpointBalance          Endpoint = "GET /user/balance"
)

// endpoints lists every operation, the same order as the constants.
func endpoints() []Endpoint {
	return []Endpoint{
		EndpointListActivations, EndpointCreateActivation, EndpointGetActivation, EndpointUpdateActivation,
		EndpointPricesByCountry, EndpointPricesByService, EndpointOffer, EndpointBalance,
	}
}

// maxBody is how many decoded bytes a good answer may have. The price lists hold
// thousands of services in more than 150 countries; everything else is small.
func (e Endpoint) maxBody() int64 {
	switch e {
	case EndpointPricesByCountry, EndpointPricesByService:
		return 64 << 20
	}
	return 4 << 20
}

// matches tells whether a request of this method to this path, relative to the
// base URL and still escaped, is the endpoint's.
func (e Endpoint) matches(method, path string) bool {
	wantMethod, wantPath, _ := strings.Cut(string(e), " ")
	if method != wantMethod {
		return false
	}
	want, got := strings.Split(wantPath, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, segment := range want {
		switch segment {
		case "{activation_id}":
			if _, err := ParseActivationID(got[i]); err != nil {
				return false
			}
		case "{service_id}", "{country_id}":
			if !validID(got[i]) {
				return false
			}
		default:
			if got[i] != segment {
				return false
			}
		}
	}
	return true
}

// route finds the endpoint of a request to u, and its path relative to base.
// What is no operation of the API has no limit that could be kept, and is
// refused: an id with a slash or ".." in it must not reach another endpoint.
func route(base *url.URL, method string, u *url.URL) (Endpoint, string, error) {
	if u.Scheme != base.Scheme || u.Host != base.Host || u.User != nil {
		return "", "", invalid("the request goes to another server than the client's base URL; the key is sent nowhere else")
	}
	path, ok := strings.CutPrefix(u.EscapedPath(), base.EscapedPath())
	if ok {
		for _, e := range endpoints() {
			if e.matches(method, path) {
				return e, path, nil
			}
		}
	}
	return "", "", invalid("%s %q is no operation of the API; check the ids in the path", clip(method, 10), clip(u.EscapedPath(), 80))
}

// validID tells whether s can stand in a path as the id of a service or a
// country. The service's ids are short words; dots, slashes and escapes would
// change which endpoint a path means.
func validID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// checkID refuses an id that cannot stand in a path; what says whose id it is.
func checkID(what, s string) error {
	if validID(s) {
		return nil
	}
	return invalid("%s %q: an id has 1 to 64 letters, digits, - and _, as the price lists show it", what, clip(s, 40))
}
