package tempnumbertest

import (
	"errors"
	"net/http"
	"path"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// controlPrefix is the path of the control API.
const controlPrefix = "/control"

// ControlHandler serves the service together with its control API, by which tests
// in any language do what the methods of a Server do, and with /healthz. Browsers
// of any origin are let in. The control API asks for no key, so serve it on the
// loopback interface only.
func (s *Server) ControlHandler() http.Handler {
	control := http.NewServeMux()
	for _, o := range s.controlOperations() {
		control.HandleFunc(o.pattern, o.serve)
	}
	control.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem := controlProblem(http.StatusNotFound, "there is no %s %s; GET %s lists the operations", r.Method, r.URL.Path, controlPrefix)
		problem.answer(w)
	})
	return allowBrowsers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch p := r.URL.Path; {
		case p != controlPrefix && !strings.HasPrefix(p, controlPrefix+"/") && p != "/healthz":
			s.ServeHTTP(w, r)
		case path.Clean(p) != p: // a ServeMux would redirect
			controlProblem(http.StatusNotFound, "there is no path %s", p).answer(w)
		default:
			control.ServeHTTP(w, r)
		}
	}))
}

// controlOperation is one operation of the control API.
type controlOperation struct {
	pattern string // method and path
	does    string // in a few words, for GET /control
	do      func(*http.Request) (any, error)
}

// serve carries the operation out and answers with JSON.
func (o controlOperation) serve(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
	value, err := o.do(r)
	if err == nil {
		answerJSON(w, http.StatusOK, value)
		return
	}
	var problem *ControlError
	var unknown *service.UnknownError
	switch {
	case errors.As(err, &problem):
	case errors.As(err, &unknown):
		problem = controlProblem(http.StatusNotFound, "%v", unknown)
	default: // the core says that this cannot be done now
		problem = controlProblem(http.StatusConflict, "%s", strings.TrimPrefix(err.Error(), "tempnumbertest: "))
	}
	problem.answer(w)
}

// answer sends the problem as JSON.
func (e *ControlError) answer(w http.ResponseWriter) {
	answerJSON(w, e.StatusCode, struct {
		Error string `json:"error"`
	}{e.Message})
}

func answerJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(toJSON(value), '\n')) // the client has left: nobody to tell
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
