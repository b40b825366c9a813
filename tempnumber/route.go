package tempnumber

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/tempnumber/tempnumber-go/gen"
)

// rawDoer sends the requests of Raw. Typed methods name their endpoint; here it is found from method and
// path. The API's only POST is an order, and goes past the guards like any other.
type rawDoer struct{ buyer *buyer }

// Do implements gen.HttpRequestDoer.
func (d rawDoer) Do(req *http.Request) (*http.Response, error) {
	endpoint, err := route(d.buyer.base, req.Method, req.URL)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(req.Header); err != nil {
		return nil, err
	}
	if endpoint != EndpointCreateActivation {
		return d.buyer.do(req.Context(), req, nil, call{endpoint: endpoint}).response()
	}
	params, err := paramsOf(req)
	if err != nil {
		return nil, err
	}
	r := d.buyer.buy(req.Context(), &purchase{params: params, raw: true}, func() (*http.Request, error) { return req, nil })
	return r.response()
}

// route returns the endpoint of a request to u. What is not an operation of the API has no limit that could be
// kept, and is refused: an id with a slash or ".." in it must not reach another endpoint.
func route(base *url.URL, method string, u *url.URL) (Endpoint, error) {
	if u.Scheme != base.Scheme || u.Host != base.Host || u.User != nil {
		return "", invalid("the request goes to another server than the client's base URL; the key is sent nowhere else")
	}
	if path, ok := strings.CutPrefix(u.EscapedPath(), base.EscapedPath()); ok {
		for _, o := range operations() {
			if o.endpoint.matches(method, path) {
				return o.endpoint, nil
			}
		}
	}
	return "", invalid("%s %q is not an operation of the API; check the ids in the path", clip(method, 10), clip(u.EscapedPath(), 80))
}

// matches reports whether a request of this method to this path, relative to the base URL and still escaped,
// is the endpoint's.
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

// checkHeader refuses headers that make net/http, or something on the way, repeat an order by itself: the
// service knows no idempotency key.
func checkHeader(header http.Header) error {
	for name := range header {
		if strings.EqualFold(name, "Idempotency-Key") || strings.EqualFold(name, "X-Idempotency-Key") {
			return invalid("a request must not carry an idempotency key: the service knows none, and net/http would repeat an order by itself because of it")
		}
	}
	return nil
}

// paramsOf reads what is ordered out of a request, and leaves its body to be read again.
func paramsOf(req *http.Request) (CreateActivationParams, error) {
	var params CreateActivationParams
	body, err := readRequestBody(req)
	if err != nil {
		return params, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	var wire gen.NewActivation
	if err := json.Unmarshal(body, &wire); err != nil {
		return params, invalid("an order is a JSON object with serviceId and countryId")
	}
	params.ServiceID, params.CountryID = wire.ServiceID, wire.CountryID
	var odd oddFields
	if params.MaxPrice, _ = odd.amount("expectedPrice", wire.ExpectedPrice); len(odd.Fields) > 0 {
		return params, invalid("the order's expectedPrice is not an amount of dollars")
	}
	return params, params.check()
}
