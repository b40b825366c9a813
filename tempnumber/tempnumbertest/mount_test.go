package tempnumbertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// visit sends a request to a handler with some headers; Host is one of them.
func visit(t testing.TB, handler http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8025"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// asks are requests to everything that ControlHandler serves, those that change
// something among them.
var asks = [...][3]string{
	{"GET", "/"},
	{"GET", "/control/activations"},
	{"GET", "/healthz"},
	{"GET", "/user/balance"},
	{"POST", "/activations", orderBody},
	{"POST", "/api/v1/activations", orderBody},
	{"POST", "/control/messages", `{"to": "+447700900123", "text": "x"}`},
	{"POST", "/control/reset"},
	{"POST", "/intake/http?to=/to&text=/text", `{"to": "+447700900123", "text": "x"}`},
	{"POST", "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json", "To=%2B447700900123&From=shop&Body=x"},
	{"POST", "/", "Action=Publish&Version=2010-03-31&PhoneNumber=%2B447700900123&Message=x"},
	{"OPTIONS", "/control/reset"},
}

func TestFence(t *testing.T) {
	for _, c := range []struct {
		name    string
		headers []string
		in      bool
	}{
		{"a program", nil, true},
		{"localhost", []string{"Host", "localhost:8025"}, true},
		{"a name below localhost", []string{"Host", "box.localhost"}, true},
		{"IPv6", []string{"Host", "[::1]:8025"}, true},
		{"an address of the network", []string{"Host", "192.168.1.7:8025"}, true},
		{"an allowed name", []string{"Host", "MOCK:8025"}, true},
		{"a page of localhost", []string{"Origin", "http://localhost:3000"}, true},
		{"a page of an allowed name", []string{"Origin", "https://app.test"}, true},
		{"the page itself", []string{"Host", "192.168.1.7:8025", "Origin", "http://192.168.1.7:8025", "Sec-Fetch-Site", "same-origin"}, true},

		{"a foreign name", []string{"Host", "evil.example:8025"}, false},
		{"a name that begins like an allowed one", []string{"Host", "mock.evil.example"}, false},
		{"a name that ends like localhost", []string{"Host", "evil-localhost"}, false},
		{"no host", []string{"Host", ""}, false},
		{"a rebound name", []string{"Host", "evil.example", "Origin", "http://evil.example"}, false},
		{"a foreign page", []string{"Origin", "https://evil.example"}, false},
		{"a foreign page with an address", []string{"Origin", "http://203.0.113.9"}, false},
		{"another port of an address", []string{"Host", "192.168.1.7:8025", "Origin", "http://192.168.1.7:3000"}, false},
		{"a page without an origin", []string{"Origin", "null"}, false},
		{"a file", []string{"Origin", "file://"}, false},
		{"an extension", []string{"Origin", "chrome-extension://abc"}, false},
		{"an image on a foreign page", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, false},
		{"a form of a foreign page", []string{"Origin", "https://evil.example", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "cross-site"}, false},
		{"a text form of a foreign page", []string{"Origin", "null", "Content-Type", "text/plain"}, false},
	} {
		server := tempnumbertest.NewServer(tempnumbertest.WithAllowedHosts("mock", "app.test"))
		handler := server.ControlHandler()
		for _, ask := range asks {
			headers := append([]string{"x-api-key", tempnumbertest.DefaultKey, "Content-Type", "application/json"}, c.headers...)
			if strings.Contains(ask[2], "=") && !strings.HasPrefix(ask[2], "{") {
				headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
			}
			if ask[0] == "OPTIONS" {
				headers = append(headers, "Access-Control-Request-Method", "POST")
			}
			w := visit(t, handler, ask[0], ask[1], ask[2], headers...)
			if c.in {
				require.NotEqual(t, http.StatusForbidden, w.Code, "%s: %v", c.name, ask)
				continue
			}
			require.Equal(t, http.StatusForbidden, w.Code, "%s: %v", c.name, ask)
			require.Contains(t, w.Body.String(), "not allowed", c.name)
			require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"), c.name)
		}
		if !c.in {
			require.Empty(t, server.Activations(), c.name)
			require.Empty(t, server.Messages(), c.name)
			require.Empty(t, server.Requests(), c.name)
		}
	}
}

func TestPage(t *testing.T) {
	handler := tempnumbertest.NewServer().ControlHandler()
	w := visit(t, handler, "GET", "/", "", "Accept", "text/html", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")
	require.Equal(t, http.StatusOK, w.Code, "a link may lead here")
	require.Contains(t, w.Body.String(), "SMS inbox")
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Equal(t, http.StatusUnauthorized, visit(t, handler, "GET", "/", "", "Accept", "*/*").Code, "the service's own answer")
	require.Equal(t, http.StatusForbidden, visit(t, handler, "GET", "/", "", "Accept", "text/html", "Host", "evil.example").Code)
}

func TestDocumentOfService(t *testing.T) {
	w := visit(t, tempnumbertest.NewServer().ControlHandler(), "GET", "/openapi.yaml", "")
	require.Equal(t, http.StatusOK, w.Code)
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	require.NoError(t, err)
	for endpoint := range tempnumber.DefaultLimits() {
		method, path, _ := strings.Cut(string(endpoint), " ")
		require.NotNil(t, doc.Paths.Value(path), endpoint)
		require.NotNil(t, doc.Paths.Value(path).GetOperation(method), endpoint)
	}
}

func TestCORS(t *testing.T) {
	server := tempnumbertest.NewServer()
	handler := server.ControlHandler()
	const origin = "http://localhost:3000"
	for _, path := range []string{"/api/v1/activations", "/user/balance", "/control/sms", "/healthz", "/intake/http"} {
		w := visit(t, handler, "OPTIONS", path, "", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-api-key,content-type")
		require.Equal(t, http.StatusNoContent, w.Code, path)
		require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"), path)
		require.Contains(t, w.Header().Get("Access-Control-Allow-Methods"), "POST", path)
		for _, header := range []string{"x-api-key", "content-type", "prx-lang"} {
			require.Contains(t, w.Header().Get("Access-Control-Allow-Headers"), header, path)
		}
	}
	require.Empty(t, server.Requests(), "the service does not see preflight requests")
	w := visit(t, handler, "GET", "/user/balance", "", "Origin", origin)
	require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"), "on refusals as well")
	require.Equal(t, "Origin", w.Header().Get("Vary"))
}

func TestIntake(t *testing.T) {
	server := tempnumbertest.NewServer()
	handler := server.ControlHandler()
	a := order(t, server)
	send := func(to, text string) *httptest.ResponseRecorder {
		form := url.Values{"To": {to}, "From": {"+15005550006"}, "Body": {text}}
		return visit(t, handler, "POST", "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	require.Equal(t, http.StatusCreated, send(a.Phone, "Your code is 05678").Code)
	require.Equal(t, "05678", stands(server, a.ID).Code)
	require.Equal(t, http.StatusCreated, send("+447700900123", "Your code is 1234").Code)
	require.Equal(t, http.StatusCreated, send(a.Phone, "once more").Code)
	all := server.Messages()
	require.Len(t, all, 3)
	require.Equal(t, a.ID, all[0].ActivationID)
	require.Equal(t, "+15005550006", all[0].From)
	require.Equal(t, "nobody rents this number", all[1].Note)
	require.Contains(t, all[2].Note, "does not wait")

	require.Equal(t, http.StatusOK, visit(t, handler, "POST", "/control/faults", `{"endpoint": "twilio-messages", "times": 1, "status": 429, "name": "20429"}`).Code)
	require.Contains(t, visit(t, handler, "GET", "/control/settings", "").Body.String(), `"endpoint":"twilio-messages"`)
	w := send(a.Phone, "refused")
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Contains(t, w.Body.String(), "20429")
	require.Equal(t, http.StatusOK, visit(t, handler, "POST", "/control/faults", `{"endpoint": "twilio-messages", "lose": true}`).Code)
	require.Equal(t, http.StatusCreated, send(a.Phone, "lost").Code)
	require.Len(t, server.Messages(), 3)

	// What apps ask is logged with what is wrong with it, without keys and texts.
	require.Equal(t, http.StatusBadRequest, send("+1845", "secret").Code)
	visit(t, handler, "POST", "/intake/http?to=/key", `{"key": "secret"}`)
	requests := server.Requests()
	last := requests[len(requests)-2]
	require.Equal(t, tempnumber.Endpoint("twilio-messages"), last.Endpoint)
	require.Equal(t, "21211 Invalid 'To' Phone Number: +1845", last.Rule)
	require.Equal(t, 400, last.Status)
	require.Equal(t, "/intake/http 400 the body has nothing at \"/text\"", fmt.Sprint(requests[len(requests)-1].Path, " ", requests[len(requests)-1].Status, " ", requests[len(requests)-1].Rule))
	require.True(t, requests[len(requests)-3].Fault, "the lost one")
	require.NotContains(t, fmt.Sprint(requests), "secret")
	require.Contains(t, visit(t, handler, "GET", "/control/requests?endpoint=sns", "").Body.String(), "[]")
	require.Contains(t, visit(t, handler, "GET", "/control/requests?endpoint=webhook", "").Body.String(), "/text")

	server.Reset()
	require.Equal(t, http.StatusCreated, send(a.Phone, "new").Code)
	require.Len(t, server.Messages(), 1)

	const list = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"
	require.Contains(t, visit(t, handler, "GET", list, "").Body.String(), "new")
	for range 6 { // or else five codes would be the most
		server.Reset()
		w := visit(t, handler, "POST", "/v2/Services/VA1/Verifications", "To=%2B447700900123&Channel=sms", "Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
	}
	require.Contains(t, visit(t, handler, "GET", list, "").Body.String(), `"messages":[]`)
}

// The providers' keys are accepted and kept nowhere.
func TestProvidersKeys(t *testing.T) {
	const key = "a-key-of-theirs"
	server := tempnumbertest.NewServer()
	handler := server.ControlHandler()
	basic := func(user, password string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth(user, password)
		return r.Header.Get("Authorization")
	}
	const form = "application/x-www-form-urlencoded"
	for _, c := range [][4]string{
		{"/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json", form, "To=%2B447700900123&From=shop&Body=x", basic("AC1", key)},
		{"/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json", form, "To=1&From=shop&Body=x", basic("AC1", key)},
		{"/v2/Services/VA1/Verifications", form, "To=%2B447700900123&Channel=sms", basic("SK1", key)},
		{"/", form, "Action=Publish&PhoneNumber=%2B447700900123&Message=x&Signature=" + key, "AWS4-HMAC-SHA256 Credential=" + key},
		{"/sms/json", "application/json", `{"api_key": "` + key + `", "api_secret": "` + key + `", "to": "447700900123", "from": "shop", "text": "x"}`, ""},
		{"/sms/json?api_key=" + key, "application/json", `{}`, ""},
		{"/v1/messages", "application/json", `{"channel": "sms", "message_type": "text", "to": "447700900123", "from": "shop", "text": "x"}`, "Bearer " + key},
		{"/intake/http?token=" + key, "application/json", `{"to": "447700900123", "text": "x", "key": "` + key + `"}`, "Bearer " + key},
		{"/intake/http", "application/json", `{"to": "447700900123", "text": "x", "key": "` + key + `"}`, "Bearer " + key},
	} {
		w := visit(t, handler, "POST", c[0], c[2], "Content-Type", c[1], "Authorization", c[3])
		require.Less(t, w.Code, 500)
		require.NotContains(t, w.Body.String(), key, c[0])
	}
	require.Len(t, server.Messages(), 6)
	for _, path := range []string{"activations", "messages", "requests", "settings"} {
		require.NotContains(t, visit(t, handler, "GET", "/control/"+path, "").Body.String(), key, path)
	}
}

// What is kept of a request does not keep its whole body alive, whatever the body is.
func TestMemoryOfLongBodies(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithoutLimits(), tempnumbertest.WithPendingCap(0))
	handler := server.ControlHandler()
	const form = "application/x-www-form-urlencoded"
	pad := strings.Repeat("x", 1<<19)
	inUse := func() int {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	before := inUse()
	for i := range 16 {
		to := fmt.Sprintf("%%2B4477009%05d", i)
		for _, c := range []struct {
			path, kind, body string
			status           int
		}{
			{"/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json", form, "To=" + to + "&From=shop&Body=hello&MessagingServiceSid=MG1&Pad=" + pad, http.StatusCreated},
			{"/v2/Services/VA00000000000000000000000000000000/Verifications", form, "To=" + to + "&Channel=sms&CustomCode=4711&CustomFriendlyName=shop&Pad=" + pad, http.StatusCreated},
			{"/", form, "Action=Publish&Message=hello&PhoneNumber=" + to + "&MessageAttributes.entry.1.Name=AWS.SNS.SMS.SenderID&MessageAttributes.entry.1.Value.StringValue=shop&Pad=" + pad, http.StatusOK},
			{"/sms/json", form, "text=hello&from=shop&to=" + to + "&pad=" + pad, http.StatusOK},
			{"/v1/messages", "application/json", `{"channel":"sms","message_type":"text","from":"shop","text":"hello","to":"447700900123","pad":"` + pad + `"}`, http.StatusAccepted},
			{"/intake/http", form, "text=hello&from=shop&to=" + to + "&pad=" + pad, http.StatusOK},
			{"/control/messages", "application/json", `{"from":"shop","text":"hello","to":"447700900123"}` + strings.Repeat(" ", len(pad)), http.StatusOK},
			{"/activations?" + pad, "application/json", pad, http.StatusUnauthorized},
		} {
			w := visit(t, handler, "POST", c.path, c.body, "Content-Type", c.kind)
			require.Equal(t, c.status, w.Code, "%s: %s", c.path, w.Body)
		}
	}
	require.Len(t, server.Messages(), 7*16)
	require.Less(t, inUse()-before, 5<<20, "less than one of the requests left behind each time")
	runtime.KeepAlive(handler)
}
