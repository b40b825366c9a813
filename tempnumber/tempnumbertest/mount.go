package tempnumbertest

import (
	"net/http"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// ControlHandler serves the service together with its control API, by which tests
// in any language do what the methods of a Server do, and with /healthz. Browsers
// of any origin are let in. The control API asks for no key, so serve it on the
// loopback interface only.
func (s *Server) ControlHandler() http.Handler {
	controlAPI := control.Handler(controlled{s})
	return allowBrowsers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if control.Handles(r.URL.Path) {
			controlAPI.ServeHTTP(w, r)
			return
		}
		s.ServeHTTP(w, r)
	}))
}

// allowBrowsers lets pages of any origin send requests, as browsers ask for it by
// CORS, and answers their preflight requests.
func allowBrowsers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "Retry-After, X-RateLimit-Reset")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
		h.Set("Access-Control-Allow-Headers", "x-api-key, content-type, accept, prx-lang")
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}
