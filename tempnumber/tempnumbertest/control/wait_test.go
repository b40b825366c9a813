package control_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

func TestAwaitCode(t *testing.T) {
	server, box, client := remote(t)
	ctx := t.Context()
	a := rent(t, client)
	phone := a.Phone.E164()

	type found struct {
		m   control.Message
		err error
	}
	arrived := make(chan found)
	await := func(wait time.Duration, after int64) {
		m, err := box.AwaitCode(ctx, phone, wait, after)
		arrived <- found{m, err}
	}
	go await(time.Minute, 0)
	time.Sleep(10 * time.Millisecond) // whether or not it waits by now, it gets the code
	_, err := box.AcceptSMS(ctx, "Facebook", a.Phone.String(), "Your code is 05678")
	require.NoError(t, err)
	first := <-arrived
	require.NoError(t, first.err)
	require.Equal(t, "05678", first.m.Code)
	require.Equal(t, a.ID, first.m.ActivationID)

	go await(time.Millisecond, first.m.ID)
	none := <-arrived
	refused(t, http.StatusNotFound, none.err)
	require.ErrorContains(t, none.err, phone+" within 1ms; no SMS has come to "+phone)

	// A second SMS that nobody asked for is a newer one, and one before a retry is none.
	m, err := box.AcceptSMS(ctx, "", phone, "Your code is 1111")
	require.NoError(t, err)
	require.Zero(t, m.ActivationID)
	require.Contains(t, m.Note, "does not wait")
	m, err = box.AwaitCode(ctx, phone, 0, first.m.ID)
	require.NoError(t, err)
	require.Equal(t, "1111", m.Code)
	require.NoError(t, client.RequestAnotherSMS(ctx, a.ID))
	_, err = box.AwaitCode(ctx, phone, 0, 0)
	refused(t, http.StatusNotFound, err)
	go await(time.Minute, 0)
	require.NoError(t, server.DeliverSMS(a.ID, "Your code is 2222"))
	require.Equal(t, "2222", (<-arrived).m.Code)
}

func TestAwaitCodeOfUnrentedNumber(t *testing.T) {
	_, box, _ := remote(t)
	_, err := box.AcceptSMS(t.Context(), "shop", "+44 7700 900123", "PIN 4711")
	require.NoError(t, err)
	m, err := box.AwaitCode(t.Context(), "447700900123", 0, 0)
	require.NoError(t, err)
	require.Equal(t, control.Message{ID: m.ID, To: "+447700900123", Text: "PIN 4711", Code: "4711"}, m)
	_, err = box.AwaitCode(t.Context(), "+447700900124", time.Millisecond, 0)
	refused(t, http.StatusNotFound, err)
}

func TestAwaitMessages(t *testing.T) {
	_, box, client := remote(t)
	ctx := t.Context()
	none, err := box.AwaitMessages(ctx, "", 0, 0)
	require.NoError(t, err)
	require.NotNil(t, none)
	require.Empty(t, none)
	a := rent(t, client)
	arrived := make(chan []control.Message)
	go func() {
		all, _ := box.AwaitMessages(ctx, a.Phone.E164(), time.Minute, 0)
		arrived <- all
	}()
	_, err = box.AcceptSMS(ctx, "", "+447700900123", "for somebody else")
	require.NoError(t, err)
	require.NoError(t, box.DeliverSMS(ctx, a.ID, "hello"))
	got := <-arrived
	require.Len(t, got, 1)
	require.Equal(t, "hello", got[0].Text)
	all, err := box.AwaitMessages(ctx, "", 0, 0)
	require.NoError(t, err)
	require.Len(t, all, 2)
	nothing, err := box.AwaitMessages(ctx, a.Phone.E164(), time.Millisecond, got[0].ID)
	require.NoError(t, err)
	require.Empty(t, nothing, "nothing came")
}

// An SMS that comes by itself reaches whoever waits though nobody asks the service
// meanwhile, at its very moment.
func TestAwaitAutoSMS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		client := &http.Client{Transport: inMemory{server.ControlHandler()}}
		began := time.Now()
		for i, path := range []string{"/control/auto-sms", "/control/auto-sms"} {
			body := []string{`{"delay": "90s", "text": "code {code}"}`, `{"delay": "30s", "text": "code {code}", "country": "de"}`}[i]
			require.Equal(t, http.StatusOK, do(t, client, "PUT", path, body).StatusCode)
		}
		took := map[string]chan time.Duration{"us": make(chan time.Duration, 1), "de": make(chan time.Duration, 1)}
		for country, arrived := range took {
			a, err := server.Client(t).CreateActivation(t.Context(), tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: country})
			require.NoError(t, err)
			go func() {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/control/codes/"+a.Phone.E164()+"?wait=5m", http.NoBody)
				if err == nil {
					_, err = client.Do(r)
				}
				if err == nil {
					arrived <- time.Since(began)
				}
			}()
		}
		time.Sleep(10 * time.Minute)
		require.Len(t, server.Messages(), 2)
		require.Equal(t, 90*time.Second, <-took["us"])
		require.Equal(t, 30*time.Second, <-took["de"])
		require.Equal(t, http.StatusNotFound, do(t, client, "GET", "/control/codes/+15550000000?wait=1m", "").StatusCode)
		require.Equal(t, 11*time.Minute, time.Since(began))
	})
}

// inMemory is an http.RoundTripper to a handler.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

func do(t *testing.T, client *http.Client, method, path, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	require.NoError(t, err)
	answer, err := client.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// TestManyWaits is what a browser suite does at its worst: a thousand tests wait at
// once. Each is answered at the very moment of its SMS, and by no other.
func TestManyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const waits = 1000
		server := tempnumbertest.NewServer()
		handler := server.ControlHandler()
		type answer struct {
			at   time.Time
			body string
		}
		answerTo := func(path string) answer {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil))
			return answer{body: w.Body.String(), at: time.Now()}
		}
		answers := make([]chan answer, waits)
		number := func(i int) string { return fmt.Sprintf("+4477009%05d", i) }
		for i := range waits {
			answers[i] = make(chan answer, 1)
			path := "/control/codes/" + number(i) + "?wait=10m"
			if i%2 == 1 {
				path = "/control/messages?wait=10m&to=" + url.QueryEscape(number(i))
			}
			go func() { answers[i] <- answerTo(path) }()
		}
		anybody := make(chan answer, 1)
		go func() { anybody <- answerTo("/control/messages?wait=10m") }()
		synctest.Wait() // all of them wait now
		for i := range waits {
			time.Sleep(time.Millisecond)
			sent := time.Now()
			require.Equal(t, http.StatusOK, ask(t, handler, "POST", "/control/messages", fmt.Sprintf(`{"to": %q, "text": "code %d"}`, number(i), 100_000+i)).Code)
			got := <-answers[i]
			require.Contains(t, got.body, fmt.Sprintf(`"code":"%d"`, 100_000+i))
			require.Equal(t, sent, got.at)
			if i == 0 { // who waits for an SMS to anybody gets the first one
				got := <-anybody
				require.Contains(t, got.body, "code 100000")
				require.Equal(t, sent, got.at)
			}
		}
	})
}

// stuck is a client that takes nothing: whatever is written to it waits.
type stuck struct {
	http.ResponseWriter
	written chan []byte
	gone    <-chan struct{}
}

func (s stuck) Write(p []byte) (int, error) {
	select {
	case s.written <- p:
		return len(p), nil
	case <-s.gone:
		return 0, io.ErrClosedPipe
	}
}

func (s stuck) Flush() {}

// TestSlowWatchers: those who watch and read nothing hold nobody up, neither requests
// nor those who read, and what happens meanwhile does not pile up for them.
func TestSlowWatchers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		handler := server.ControlHandler()
		ctx, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		watch := func() chan []byte {
			written := make(chan []byte)
			all.Go(func() {
				handler.ServeHTTP(stuck{httptest.NewRecorder(), written, ctx.Done()}, httptest.NewRequestWithContext(ctx, "GET", "http://127.0.0.1/control/events", nil))
			})
			return written
		}
		var slow []chan []byte
		for range 50 {
			slow = append(slow, watch())
		}
		reading := watch()
		require.Equal(t, ": ok\n\n", string(<-reading))
		_, err := server.AcceptSMS("", "+447700900123", "the first")
		require.NoError(t, err)
		require.Contains(t, string(<-reading), "the first")
		time.Sleep(time.Second)
		began := time.Now()
		for i := range 5000 {
			_, err := server.AcceptSMS("", "+447700900123", fmt.Sprint("code ", 100_000+i))
			require.NoError(t, err)
			if i == 0 {
				got := string(<-reading)
				require.Contains(t, got, "100000")
				require.NotContains(t, got, "the first", "everything is told once")
				require.Equal(t, began, time.Now(), "at once, as the first event for a while")
			}
		}
		require.Equal(t, began, time.Now(), "the box does not wait for watchers")
		// What was too much for the memory of events is to be read anew.
		require.Contains(t, string(<-reading), "event: reset")
		require.Equal(t, ": ok\n\n", string(<-slow[0]))
		require.Contains(t, string(<-slow[0]), "event: reset")
		leave()
		all.Wait()
	})
}

// stream reads server-sent events, each as its kind and its data.
func stream(ctx context.Context, t *testing.T, url string) <-chan [2]string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	answer, err := (&http.Client{Transport: &http.Transport{}}).Do(r)
	require.NoError(t, err)
	require.Equal(t, "text/event-stream", answer.Header.Get("Content-Type"))
	events := make(chan [2]string, 100)
	go func() {
		defer answer.Body.Close()
		defer close(events)
		var kind string
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				kind = value
			case "data":
				events <- [2]string{kind, value}
			}
		}
	}()
	return events
}

func TestEvents(t *testing.T) {
	server := tempnumbertest.NewServer()
	url := strings.TrimSuffix(server.URL(t), "/api/v1")
	ctx, cancel := context.WithCancel(t.Context())
	events := stream(ctx, t, url+"/control/events")
	next := func(kind string) string {
		for {
			select {
			case e, ok := <-events:
				require.True(t, ok, "the stream goes on")
				if e[0] == kind {
					return e[1]
				}
			case <-time.After(10 * time.Second):
				require.FailNow(t, "no event of kind "+kind)
			}
		}
	}
	a := rent(t, server.Client(t))
	require.Contains(t, next("activation"), `"number":"`+a.Phone.E164()+`"`)
	require.Contains(t, next("request"), `"endpoint":"POST /activations"`)
	require.NoError(t, server.DeliverSMS(a.ID, "line\nbreak\r\n\r\nevent: reset"))
	require.Contains(t, next("message"), `"text":"line\nbreak\r\n\r\nevent: reset"`)
	server.Fail("", tempnumbertest.Fault{Status: 503, Times: 1})
	require.Contains(t, next("settings"), `"status":503`)
	_, err := server.Client(t, tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1})).Balance(t.Context())
	require.Error(t, err)
	require.Contains(t, next("settings"), `"faults":[]`, "it was used up")
	server.Reset()
	require.Equal(t, "null", next("reset"))
	cancel()
	for range events {
		continue // until it is closed
	}

	// Who comes back gets what was missed, or is told to read all anew.
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	_, err = server.AcceptSMS("", "+447700900123", "missed")
	require.NoError(t, err)
	events = stream(ctx, t, url+"/control/events?after=0")
	require.Equal(t, "null", next("reset"))
	events = stream(ctx, t, url+"/control/events?after=999999")
	require.Equal(t, "null", next("reset"))
}

func TestClientSettings(t *testing.T) {
	server, box, client := remote(t)
	ctx := t.Context()
	before, err := box.Settings(ctx)
	require.NoError(t, err)
	require.Equal(t, control.Rules{RateLimits: true, PendingCap: 20, DeliveryPercent: 7}, before.Rules)
	require.Empty(t, before.Dialect)
	require.NotEmpty(t, before.AllDialects)
	require.True(t, before.EmailVerified)

	require.NoError(t, box.SetDialect(ctx, "iso-times", "numeric-codes"))
	require.NoError(t, box.SetRules(ctx, control.Rules{PendingCap: 1}))
	require.NoError(t, box.SetLatency(ctx, time.Millisecond))
	require.NoError(t, box.SetEmailVerified(ctx, false))
	require.NoError(t, box.AddAutoSMS(ctx, control.AutoSMS{Text: "all"}))
	require.NoError(t, box.AddAutoSMS(ctx, control.AutoSMS{Text: "one", ServiceID: "facebook", Number: "1 845-412"}))
	require.NoError(t, box.AddAutoSMS(ctx, control.AutoSMS{Text: "all again"}))
	require.NoError(t, box.Fail(ctx, control.Fault{Path: "/12312", Status: 503}))
	s, err := box.Settings(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"numeric-codes", "iso-times"}, s.Dialect)
	require.Equal(t, control.Rules{PendingCap: 1}, s.Rules)
	require.Equal(t, control.Duration(time.Millisecond), s.Latency)
	require.False(t, s.EmailVerified)
	require.Equal(t, []control.AutoSMS{{Text: "one", ServiceID: "facebook", Number: "+1845412"}, {Text: "all again"}}, s.AutoSMS)
	require.Equal(t, []control.Fault{{Path: "/12312", Status: 503}}, s.Faults)

	_, err = client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	require.ErrorContains(t, err, "EmailNotVerified")
	require.NoError(t, box.SetEmailVerified(ctx, true))
	require.NoError(t, box.SetDialect(ctx))
	a := rent(t, client)
	_, err = client.Activation(ctx, a.ID)
	require.Error(t, err, "the fault is for this one")
	_, err = client.Activation(ctx, a.ID+1)
	require.ErrorIs(t, err, tempnumber.ErrNotFound)

	require.NoError(t, box.ClearFaults(ctx))
	require.NoError(t, box.SetStatus(ctx, a.ID, "lost"))
	require.NoError(t, box.SetRetryAvailable(ctx, a.ID, false))
	one, err := box.Activation(ctx, a.ID)
	require.NoError(t, err)
	require.Equal(t, tempnumber.Status("lost"), one.Status)

	require.NoError(t, box.SetRules(ctx, control.Rules{RateLimits: true, PendingCap: 0, DeliveryPercent: 50}))
	status := 0
	for range 15 { // without the client's manners
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/user/balance", http.NoBody)
		require.NoError(t, err)
		r.Header.Set("x-api-key", tempnumbertest.DefaultKey)
		answer, err := server.Transport().RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		status = answer.StatusCode
	}
	require.Equal(t, http.StatusTooManyRequests, status)
	requests := server.Requests()
	require.Contains(t, requests[len(requests)-1].Rule, "PUT /control/rules")
	require.NoError(t, box.Reset(ctx))
	s, err = box.Settings(ctx)
	require.NoError(t, err)
	require.Equal(t, before, s)
}

func TestSettingsAreBounded(t *testing.T) {
	server := tempnumbertest.NewServer()
	handler := server.ControlHandler()
	fill := func(path string, body func(i int) string) (taken int) {
		for ; taken < 2000; taken++ {
			if w := ask(t, handler, map[bool]string{true: "POST", false: "PUT"}[path == "/control/faults"], path, body(taken)); w.Code != http.StatusOK {
				require.Equal(t, http.StatusConflict, w.Code, w.Body)
				require.Contains(t, w.Body.String(), "DELETE "+path)
				return taken
			}
		}
		return taken
	}
	require.Equal(t, 1000, fill("/control/faults", func(i int) string { return `{"endpoint": "` + []string{"", "sns"}[i%2] + `", "status": 500}` }))
	require.Equal(t, http.StatusOK, ask(t, handler, "DELETE", "/control/faults", "").Code)
	long := strings.Repeat("x", 1<<19)
	require.Less(t, fill("/control/faults", func(int) string { return `{"body": "` + long + `"}` }), 33, "16 MiB of text")
	require.Equal(t, http.StatusOK, ask(t, handler, "POST", "/control/reset", "").Code)
	require.Equal(t, 1000, fill("/control/auto-sms", func(i int) string { return `{"text": "x", "number": "+4477009` + strconv.Itoa(10000+i) + `"}` }))
}

// BenchmarkAwaitCode is the time from an SMS to the answer of the request that waits
// for it, over a loopback connection, while others wait for other numbers.
func BenchmarkAwaitCode(b *testing.B) {
	for _, others := range []int{0, 1000} {
		b.Run(fmt.Sprint(others), func(b *testing.B) {
			server := tempnumbertest.NewServer()
			box, err := control.NewClient(server.URL(b))
			require.NoError(b, err)
			ctx, leave := context.WithCancel(b.Context())
			var all sync.WaitGroup
			defer func() { leave(); all.Wait() }()
			for i := range others {
				all.Go(func() { _, _ = box.AwaitCode(ctx, fmt.Sprintf("+4477008%05d", i), 10*time.Minute, 0) })
			}
			time.Sleep(time.Duration(others) * 2 * time.Millisecond) // until they wait
			arrived := make(chan error)
			var longest time.Duration
			var after int64
			for b.Loop() {
				b.StopTimer()
				go func() {
					m, err := box.AwaitCode(ctx, "+447700900123", time.Minute, after)
					after = m.ID
					arrived <- err
				}()
				time.Sleep(2 * time.Millisecond) // so that it waits
				b.StartTimer()
				sent := time.Now()
				_, err := server.AcceptSMS("", "+447700900123", "code 4711")
				require.NoError(b, err)
				require.NoError(b, <-arrived)
				longest = max(longest, time.Since(sent))
			}
			b.ReportMetric(float64(longest.Microseconds())/1000, "max-ms")
		})
	}
}
