package tempnumber

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnswerForAnotherActivationIsRefused(t *testing.T) {
	s := &shop{}
	s.sell("facebook", "us")
	c := s.client(t, func(r *http.Request) (*http.Response, error) {
		return answerWith(200, `{"id": 1002, "status": "smsReceived", "message": "Code 4711", "code": "4711"}`), nil
	})
	a, err := c.Activation(t.Context(), 1001)
	require.Nil(t, a)
	require.ErrorIs(t, err, ErrInvalidResponse)
	require.ErrorContains(t, err, "activation 1001 was asked for and activation 1002 came")
	require.NotContains(t, err.Error(), "4711")
}

func TestWaitGetsNoOtherActivationsCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		s.sell("facebook", "us")
		s.sell("facebook", "us")
		s.change(1002, func(a *shopActivation) { a.Status, a.Message, a.Code = StatusSMSReceived, "Code 4711", "4711" })
		var confused atomic.Bool
		confused.Store(true)
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if confused.Load() && strings.HasSuffix(r.URL.Path, "/1001") {
				r = r.Clone(r.Context())
				r.URL.Path = strings.Replace(r.URL.Path, "1001", "1002", 1)
				return s.answer(r), nil
			}
			return nil, nil
		})
		time.AfterFunc(30*time.Second, func() {
			confused.Store(false)
			s.change(1001, func(a *shopActivation) { a.Status, a.Message, a.Code = StatusSMSReceived, "Code 1234", "1234" })
		})
		a, err := c.WaitSMS(t.Context(), 1001)
		require.NoError(t, err)
		require.Equal(t, Code("1234"), a.Code)
	})
}

func TestOrderAnswerMustFitTheOrder(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		fits   bool
	}{
		"id and number alone":       {`{"id": 2001, "number": 18454123223}`, true},
		"another case":              {`{"id": 2001, "serviceId": "Facebook", "countryId": "US"}`, true},
		"another service":           {`{"id": 2001, "serviceId": "telegram", "countryId": "us"}`, false},
		"another country":           {`{"id": 2001, "serviceId": "facebook", "countryId": "de"}`, false},
		"an activation seen before": {`{"id": 1001, "serviceId": "facebook", "countryId": "us"}`, false},
		"no id":                     {`{"serviceId": "facebook", "countryId": "us", "number": 18454123223}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shop{}
				s.sell("facebook", "us")
				client := s.client(t, func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodPost {
						return answerWith(200, c.answer), nil
					}
					return nil, nil
				})
				_, err := client.ActivationsPage(t.Context(), ListParams{})
				require.NoError(t, err)
				time.Sleep(time.Second)
				a, err := client.CreateActivation(t.Context(), facebook())
				if c.fits {
					require.NoError(t, err)
					require.EqualValues(t, 2001, a.ID)
					return
				}
				require.ErrorIs(t, err, ErrOutcomeUnknown)
				require.ErrorIs(t, err, ErrInvalidResponse)
				var unknown *OutcomeUnknownError
				require.ErrorAs(t, err, &unknown)
			})
		})
	}
}

// TestNumberShownByAListFirst lets a list show what an order bought before the order's own answer is there.
func TestNumberShownByAListFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPost {
				return nil, nil
			}
			bought := s.sell("facebook", "us")
			time.Sleep(5 * time.Second)
			return answerWith(200, body(bought)), nil
		})
		go func() {
			time.Sleep(time.Second)
			_, _ = c.ActivationsPage(t.Context(), ListParams{})
		}()
		a, err := c.CreateActivation(t.Context(), facebook())
		require.NoError(t, err)
		require.EqualValues(t, 1001, a.ID)
	})
}

// TestStrayAnswerIsNotTheOrders serves HTTP/1.1 by a peer that is out of step: on each connection that is used a
// second time, a late refusal of an earlier request comes first.
func TestStrayAnswerIsNotTheOrders(t *testing.T) {
	var bought atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				for n := 0; ; n++ {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, request.Body)
					answer := `{"balance": 1}`
					if request.Method == http.MethodPost {
						answer = fmt.Sprintf(`{"id": %d}`, 5000+bought.Add(1))
					}
					if n > 0 && request.Method == http.MethodPost {
						answer = `{"errorName": "TooManyRequestsException", "errorMessage": "late"}`
						_, _ = fmt.Fprintf(conn, "HTTP/1.1 429 Too Many Requests\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
						continue
					}
					_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
				}
			}()
		}
	}()
	c, err := New(testKey, WithBaseURL("http://"+listener.Addr().String()), WithLimiter(NewLimiter(Limits{})))
	require.NoError(t, err)
	defer c.caller.transport.Client.CloseIdleConnections()
	for i := range int32(20) {
		_, err := c.Balance(t.Context())
		require.NoError(t, err)
		_, err = c.CreateActivation(t.Context(), facebook())
		require.NoError(t, err)
		require.Equal(t, i+1, bought.Load(), "one call, one number")
	}
}

func TestUnreadableFieldsAreReportedOnce(t *testing.T) {
	var log strings.Builder
	seen := &eventList{}
	s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){
		reply(200, `{"activations": [{"id": 1, "rating": 4.5, "message": "Code 4711"}, {"id": 2, "rating": "good"}, {"message": "Code 4711"}, 7]}`),
	}}
	c := s.client(WithLogger(slog.New(slog.NewTextHandler(&log, nil))), WithObserver(seen))
	for range 2 {
		page, err := c.ActivationsPage(t.Context(), ListParams{})
		require.NoError(t, err)
		require.Len(t, page.Activations, 2)
		require.Equal(t, 2, page.Skipped)
	}
	require.Equal(t, []Event{
		{Kind: EventUnreadable, Endpoint: EndpointListActivations, StatusCode: 200, Field: "rating"},
		{Kind: EventUnreadable, Endpoint: EndpointListActivations, StatusCode: 200, Rows: 2},
		{Kind: EventUnreadable, Endpoint: EndpointListActivations, StatusCode: 200, Rows: 2},
	}, seen.of(EventUnreadable))
	require.Equal(t, 1, strings.Count(log.String(), "field=rating"))
	require.NotContains(t, log.String(), "4711")
}

// eventList is an Observer that keeps what it is told.
type eventList struct{ events []Event }

func (l *eventList) Observe(e Event) { l.events = append(l.events, e) }

func (l *eventList) of(kind EventKind) (events []Event) {
	for _, e := range l.events {
		if e.Kind == kind {
			events = append(events, e)
		}
	}
	return events
}

// spoil returns any JSON value that a field may be changed to.
func spoil(r *rand.Rand, depth int) string {
	values := []string{"null", "true", "false", "0", "-1", "1e300", "1e-300", "4.5", "1672531200000", `""`, `"text"`, `"5678"`, `"2023-01-01T00:00:00Z"`, `"+1"`, `"\u0000"`, `"\ud800"`, "[]", "{}", `"NaN"`, "123456789012345678901234567890"}
	if depth > 5 || r.IntN(3) > 0 {
		return values[r.IntN(len(values))]
	}
	if r.IntN(2) == 0 {
		return "[" + spoil(r, depth+1) + "," + spoil(r, depth+1) + "]"
	}
	return `{"id": ` + spoil(r, depth+1) + `, "x": ` + spoil(r, depth+1) + "}"
}

// spoilt is a good activation with every field but the id kept, dropped, or changed to anything.
func spoilt(r *rand.Rand, id int64) string {
	good := map[string]string{
		"status": `"smsReceived"`, "countryId": `"us"`, "countryName": `"USA"`, "countryIconPath": `"/us.svg"`, "serviceId": `"facebook"`, "serviceName": `"Facebook"`,
		"serviceIconPath": `"/f.svg"`, "number": "18454123223", "countryCode": "1", "formatNumber": `"+1 845"`, "nationalNumber": "8454123223", "message": `"Code 4711"`,
		"code": `"4711"`, "price": "0.5", "createdAt": "1672531200", "numberExpireAt": "1672532400", "utc": "1672531260", "retryAvailable": "true", "iconBaseUrl": `"https://x.test"`,
		"rating": "0", "reason": "0",
	}
	fields := []string{fmt.Sprintf(`"id": %d`, id)}
	for name, value := range good {
		switch r.IntN(4) {
		case 0:
			continue
		case 1, 2:
			value = spoil(r, 0)
		}
		fields = append(fields, fmt.Sprintf("%q: %s", name, value))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func FuzzSpoiltActivationKeepsItsID(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		text := spoilt(r, 12312)
		var odd oddFields
		a, err := model(activationFrom)([]byte(text), smallElements, &odd)
		require.NoError(t, err, text)
		holdsForActivation(t, a)
		require.EqualValues(t, 12312, a.ID)
		page, err := model(activationPageFrom)([]byte(`{"activations": [`+text+`, `+spoil(r, 0)+`, `+spoilt(r, 12313)+`], "page": `+spoil(r, 0)+`, "pages": `+spoil(r, 0)+`}`), smallElements, &odd)
		require.NoError(t, err, text)
		ids := idsOf(page.Activations)
		require.EqualValues(t, 12312, ids[0])
		require.EqualValues(t, 12313, ids[len(ids)-1])

		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){reply(200, text)}}
		client := s.client(WithLimiter(NewLimiter(Limits{})))
		bought, err := client.CreateActivation(t.Context(), facebook())
		if err != nil { // the service or the country was changed to another
			require.ErrorIs(t, err, ErrOutcomeUnknown)
			require.ErrorContains(t, err, "another service or country")
			require.NotContains(t, err.Error(), "4711")
			return
		}
		require.EqualValues(t, 12312, bought.ID)
		again, err := client.Activation(t.Context(), 12312)
		require.NoError(t, err)
		require.EqualValues(t, 12312, again.ID)
	})
}
