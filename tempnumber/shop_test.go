package tempnumber

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shop is a minimal service that sells activations, counts them and lists them. Its
// clock and the order of its history can be set.
type shop struct {
	ahead       time.Duration // its clock, of the local one
	oldestFirst bool
	shuffled    bool              // activations of one second are in the wrong order
	pageSize    int               // the largest page; 0 for any size
	noDate      bool              // answers have no Date header
	idOf        func(n int) int64 // the id of the nth activation; nil for ascending ones from 1001 on
	noUTC       bool              // activations have no server time

	mu        sync.Mutex
	sold      []shopActivation // by id
	purchases map[string]int   // by service
	lists     int              // requests for the history
	puts      int
}

type shopActivation struct {
	ID        int64   `json:"id"`
	Status    Status  `json:"status"`
	ServiceID string  `json:"serviceId"`
	CountryID string  `json:"countryId"`
	Number    int64   `json:"number"`
	Price     float64 `json:"price,omitempty"`
	CreatedAt int64   `json:"createdAt"`
	ExpireAt  int64   `json:"numberExpireAt"`
	UTC       int64   `json:"utc,omitempty"`
	Message   string  `json:"message,omitempty"`
	Code      string  `json:"code,omitempty"`
}

func (s *shop) now() time.Time { return time.Now().Add(s.ahead) }

// sell records a purchase, as an order that is carried out does.
func (s *shop) sell(service, country string) shopActivation {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.purchases == nil {
		s.purchases = make(map[string]int)
	}
	s.purchases[service]++
	a := shopActivation{
		ID: s.id(len(s.sold)), Status: StatusSMSRequested, ServiceID: service, CountryID: country, Price: 0.5,
		Number: 18450000000 + int64(len(s.sold)), CreatedAt: s.now().Unix(), ExpireAt: s.now().Add(20 * time.Minute).Unix(),
	}
	s.sold = append(s.sold, a)
	return s.shown(a)
}

func (s *shop) id(n int) int64 {
	if s.idOf != nil {
		return s.idOf(n)
	}
	return int64(1001 + n)
}

// find returns an activation, nil when there is none with the id. s.mu is held.
func (s *shop) find(id int64) *shopActivation {
	for i := range s.sold {
		if s.sold[i].ID == id {
			return &s.sold[i]
		}
	}
	return nil
}

func (s *shop) shown(a shopActivation) shopActivation {
	if !s.noUTC {
		a.UTC = s.now().Unix()
	}
	return a
}

// change applies f to an activation.
func (s *shop) change(id ActivationID, f func(*shopActivation)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.find(int64(id)))
}

func (s *shop) bought(service string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.purchases[service]
}

// ServeHTTP serves the four operations on activations.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.noDate {
		w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	}
	w.Header().Set("Content-Type", "application/json")
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	switch {
	case r.Method == http.MethodPost:
		var order struct{ ServiceID, CountryID string }
		if json.NewDecoder(r.Body).Decode(&order) != nil {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"errorName": "InvalidRequestParamsException", "errorMessage": "bad"}`)
			return
		}
		write(w, s.sell(order.ServiceID, order.CountryID))
	case path == "/activations":
		s.list(w, r)
	default:
		id, err := strconv.ParseInt(strings.TrimPrefix(path, "/activations/"), 10, 64)
		s.mu.Lock()
		defer s.mu.Unlock()
		a := s.find(id)
		if err != nil || a == nil {
			w.WriteHeader(404)
			fmt.Fprint(w, `{"errorName": "ResourceNotFoundException", "errorMessage": "no"}`)
			return
		}
		if r.Method == http.MethodGet {
			write(w, s.shown(*a))
			return
		}
		s.puts++
		if !a.Status.HasSMS() {
			w.WriteHeader(409)
			fmt.Fprint(w, `{"errorName": "ResourceBadStateException", "errorMessage": "no"}`)
			return
		}
		a.Status, a.Message, a.Code = StatusRetryRequested, "", ""
		fmt.Fprint(w, `{"result": "success"}`)
	}
}

func (s *shop) list(w io.Writer, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists++
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	page, limit := number("page", 1), number("limit", 10)
	if s.pageSize > 0 {
		limit = min(limit, s.pageSize)
	}
	all := slices.Clone(s.sold)
	if s.shuffled {
		for i := 1; i < len(all); i++ {
			if all[i-1].CreatedAt == all[i].CreatedAt && i%2 == 1 {
				all[i-1], all[i] = all[i], all[i-1]
			}
		}
	}
	if !s.oldestFirst {
		slices.Reverse(all)
	}
	from := min((page-1)*limit, len(all))
	shown := all[from:min(from+limit, len(all))]
	for i := range shown {
		shown[i] = s.shown(shown[i])
	}
	write(w, map[string]any{"activations": shown, "page": page, "limit": limit, "pages": (len(all) + limit - 1) / limit, "total": len(all)})
}

func write(w io.Writer, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

// answer returns the shop's answer to a request, in memory.
func (s *shop) answer(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// client returns a client of the shop, in memory. before sees each request first. It
// may answer in the shop's place or return an error; with two nils the shop answers.
func (s *shop) client(t testing.TB, before func(*http.Request) (*http.Response, error), opts ...Option) *Client {
	t.Helper()
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		if before != nil {
			if resp, err := before(r); resp != nil || err != nil {
				return resp, err
			}
		}
		return s.answer(r), nil
	})
	c, err := New(testKey, append([]Option{WithHTTPClient(&http.Client{Transport: transport})}, opts...)...)
	require.NoError(t, err)
	return c
}

// answerWith returns an answer that does not come from the shop.
func answerWith(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

func newTestLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
