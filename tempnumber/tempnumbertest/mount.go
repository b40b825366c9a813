package tempnumbertest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/api"
	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/intake"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/page"
)

// ControlHandler serves the service together with what stands around it:
//
//   - the control API, by which tests in any language do what the methods of a Server
//     do (package control), and /healthz;
//   - the document of the service, at /openapi.yaml;
//   - the APIs by which apps send SMS: Twilio Messages and Verify, AWS SNS, Vonage, and
//     any webhook at /intake/http;
//   - for browsers, at /, a page that shows numbers and messages as they come.
//
// Nothing of it asks for a key but the service, so serve it on the loopback interface
// or in a network of tests. Requests are let in when their Host is a loopback name, an
// IP address, or named by WithAllowedHosts, and pages when their origin is a loopback
// one, this server itself, or named there.
func (s *Server) ControlHandler() http.Handler {
	controlAPI := control.Handler(controlled{s})
	inbox := page.Handler()
	return s.fence(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case control.Handles(r.URL.Path):
			controlAPI.ServeHTTP(w, r)
		case r.URL.Path == "/openapi.yaml" && r.Method == http.MethodGet:
			w.Header().Set("Content-Type", "application/yaml")
			_, _ = io.WriteString(w, api.Corrected()) // the client has left: nobody to tell
		case page.Wanted(r):
			inbox.ServeHTTP(w, r)
		case s.intake.Handles(r):
			s.intake.ServeHTTP(w, r)
		default:
			s.ServeHTTP(w, r)
		}
	}))
}

// sink takes what apps send.
type sink struct{ *Server }

// Deliver takes an SMS in and returns its id.
func (s sink) Deliver(sent intake.Message) (string, error) {
	m, err := s.AcceptSMS(sent.From, sent.To, sent.Text)
	return strconv.FormatInt(m.ID, 10), err
}

// answeredApp logs how a request of an app was answered, without its query and its body:
// keys of the provider may stand there.
func (s *Server) answeredApp(a intake.Answered) {
	logged := s.describe(a.Request, tempnumber.Endpoint(a.Endpoint), nil)
	logged.Query, logged.Authorized, logged.Fault, logged.Status, logged.Rule = "", true, a.Fault, a.Status, s.clean(a.Refusal)
	s.locked(func(now time.Time) {
		logged.At = now
		s.happened(happening{"request", s.log.add(logged)}, anything)
		if a.Fault {
			s.happened(happening{kind: "settings"}, anything)
		}
	})
}

// fence keeps out requests that a web page of somebody else makes, directly or by a
// name of its own that it lets point here.
func (s *Server) fence(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		switch {
		case !s.allowsHost(r.Host):
			keepOut(w, fmt.Sprintf("the host %q is not allowed; name it by --allow-host, or WithAllowedHosts in Go", r.Host))
			return
		case origin != "" && !s.allowsOrigin(origin, r.Host):
			keepOut(w, fmt.Sprintf("pages of the origin %q are not allowed; name its host by --allow-host, or WithAllowedHosts in Go", origin))
			return
		case origin == "" && r.Header.Get("Sec-Fetch-Site") == "cross-site" && !(page.Wanted(r) && r.Header.Get("Sec-Fetch-Mode") == "navigate"):
			keepOut(w, "pages of another site are not allowed to ask for this")
			return
		case origin == "":
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "Retry-After, X-RateLimit-Reset")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
		h.Set("Access-Control-Allow-Headers", "x-api-key, content-type, accept, prx-lang, authorization")
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}

// keepOut refuses a request in the forms of the service and of the control API at once.
func keepOut(w http.ResponseWriter, why string) {
	write(w, http.StatusForbidden, jsonType, toJSON(map[string]string{"error": why, "errorName": "HostNotAllowedException", "errorMessage": why}))
}

// allowsHost reports whether a request for a host, with or without a port, is let in.
func (s *Server) allowsHost(hostport string) bool {
	host := bareHost(hostport)
	return isLoopback(host) || net.ParseIP(host) != nil || slices.Contains(s.config.allowedHosts, host)
}

// allowsOrigin reports whether a page is let in. An IP address alone is no reason: a
// page of somebody else can have one.
func (s *Server) allowsOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	name := bareHost(u.Host)
	return isLoopback(name) || strings.EqualFold(u.Host, host) || slices.Contains(s.config.allowedHosts, name)
}

// bareHost returns a host in lower case, without port, brackets and last dot.
func bareHost(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
