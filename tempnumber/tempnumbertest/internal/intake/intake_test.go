package intake

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inbox is a Sink that remembers.
type inbox struct {
	mu       sync.Mutex
	messages []Message
	err      error
}

func (b *inbox) Deliver(m Message) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return "", b.err
	}
	b.messages = append(b.messages, m)
	return fmt.Sprint(len(b.messages)), nil
}

func (b *inbox) last(t testing.TB) Message {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.NotEmpty(t, b.messages)
	return b.messages[len(b.messages)-1]
}

func newHandler(t testing.TB, config Config) (*Handler, *inbox) {
	t.Helper()
	b := &inbox{}
	config.Sink = b
	h := New(config)
	t.Cleanup(h.Close)
	return h, b
}

const (
	account  = "AC00000000000000000000000000000001"
	messages = "/2010-04-01/Accounts/" + account + "/Messages.json"
	services = "/v2/Services/VA00000000000000000000000000000001"
	number   = "+18454123223"
)

// send makes a request and returns the status and the body of the answer.
func send(h http.Handler, method, target, contentType, body string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.SetBasicAuth(account, "token")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func sendForm(h http.Handler, target string, pairs ...string) (int, string) {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return send(h, http.MethodPost, target, "application/x-www-form-urlencoded", form.Encode())
}

func sendJSON(h http.Handler, target, body string) (int, string) {
	return send(h, http.MethodPost, target, "application/json", body)
}

func get(h http.Handler, target string) (int, map[string]any) {
	status, body := send(h, http.MethodGet, target, "", "")
	return status, object(body)
}

func object(body string) map[string]any {
	var o map[string]any
	_ = json.Unmarshal([]byte(body), &o)
	return o
}

func TestTwilioMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, in := newHandler(t, Config{})
		status, body := sendForm(h, messages, "To", "+1 (845) 412-3223", "From", "+15005550006", "Body", "Your code is 05678 ✓")
		require.Equal(t, http.StatusCreated, status, body)
		require.Equal(t, Message{From: "+15005550006", To: number, Text: "Your code is 05678 ✓"}, in.last(t))
		m := object(body)
		sid := m["sid"].(string)
		require.Regexp(t, "^SM[0-9a-f]{32}$", sid)
		uri := "/2010-04-01/Accounts/" + account + "/Messages/" + sid + ".json"
		require.Equal(t, map[string]any{
			"account_sid": account, "api_version": "2010-04-01", "body": "Your code is 05678 ✓",
			"date_created": "Sat, 01 Jan 2000 00:00:00 +0000", "date_updated": "Sat, 01 Jan 2000 00:00:00 +0000", "date_sent": nil,
			"direction": "outbound-api", "error_code": nil, "error_message": nil, "from": "+15005550006", "messaging_service_sid": nil,
			"num_media": "0", "num_segments": "1", "price": nil, "price_unit": "USD", "sid": sid, "status": "queued",
			"subresource_uris": map[string]any{"media": strings.TrimSuffix(uri, ".json") + "/Media.json"}, "to": number, "uri": uri,
		}, m)
		for _, want := range []string{"queued", "sent", "delivered"} {
			status, m := get(h, uri)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, want, m["status"])
			time.Sleep(deliveredAfter - sentAfter)
		}
		status, m = get(h, strings.Replace(uri, "SM", "SMx", 1))
		require.Equal(t, http.StatusNotFound, status)
		require.EqualValues(t, 20404, m["code"])
		status, _ = get(h, strings.Replace(uri, account, "AC2", 1))
		require.Equal(t, http.StatusNotFound, status, "another account's")
	})
}

func TestTwilioMessagingService(t *testing.T) {
	h, in := newHandler(t, Config{})
	status, body := sendForm(h, messages, "To", number, "MessagingServiceSid", "MG1", "ContentSid", "HX1", "ContentVariables", `{"1":"05678"}`)
	require.Equal(t, http.StatusCreated, status, body)
	require.Equal(t, "accepted", object(body)["status"])
	require.Equal(t, `HX1 {"1":"05678"}`, in.last(t).Text)
}

func TestTwilioRefusals(t *testing.T) {
	h, in := newHandler(t, Config{})
	for _, c := range []struct {
		code           int
		to, from, body string
	}{
		{21604, "", "+15005550006", "x"},
		{21603, number, "", "x"},
		{21602, number, "+15005550006", " "},
		{21617, number, "+15005550006", strings.Repeat("é", 1601)},
		{21211, "hello", "+15005550006", "x"},
		{21211, "+1845", "+15005550006", "x"},
		{21211, "8454123223", "+15005550006", "x"},
		{21212, number, "much too long a name", "x"},
		{21211, "+15005550001", "+15005550006", "x"},
		{21612, "+15005550002", "+15005550006", "x"},
		{21408, "+15005550003", "+15005550006", "x"},
		{21610, "+15005550004", "+15005550006", "x"},
		{21614, "+15005550009", "+15005550006", "x"},
		{21212, number, "+15005550001", "x"},
		{21606, number, "+15005550007", "x"},
		{21611, number, "+15005550008", "x"},
	} {
		status, body := sendForm(h, messages, "To", c.to, "From", c.from, "Body", c.body)
		require.Equal(t, http.StatusBadRequest, status)
		m := object(body)
		require.EqualValues(t, c.code, m["code"], "%+v", c)
		require.Equal(t, fmt.Sprintf("https://www.twilio.com/docs/errors/%d", c.code), m["more_info"])
		require.EqualValues(t, 400, m["status"])
		require.NotContains(t, m["message"], "%")
	}
	require.Empty(t, in.messages)
	for _, from := range []string{"Acme", "12345", "+15005550006"} {
		status, _ := sendForm(h, messages, "To", number, "From", from, "Body", strings.Repeat("é", 1600))
		require.Equal(t, http.StatusCreated, status, from)
	}
}

func TestTwilioList(t *testing.T) {
	h, _ := newHandler(t, Config{Keep: 5})
	for i := range 7 {
		sendForm(h, messages, "To", number, "From", "Acme", "Body", fmt.Sprint(i))
	}
	sendForm(h, messages, "To", "+447400123456", "From", "Acme", "Body", "other")
	bodies := func(target string) (all []any, next any) {
		status, list := get(h, target)
		require.Equal(t, http.StatusOK, status)
		for _, m := range list["messages"].([]any) {
			all = append(all, m.(map[string]any)["body"])
		}
		return all, list["next_page_uri"]
	}
	all, next := bodies(messages)
	require.Equal(t, []any{"other", "6", "5", "4", "3"}, all, "the newest first, five are kept")
	require.Nil(t, next)
	all, next = bodies(messages + "?PageSize=3&To=" + url.QueryEscape(number))
	require.Equal(t, []any{"6", "5", "4"}, all)
	all, next = bodies(next.(string))
	require.Equal(t, []any{"3"}, all)
	require.Nil(t, next)
	all, _ = bodies(messages + "?Page=-1&PageSize=0")
	require.Len(t, all, 5, "numbers that cannot be are not taken")
	all, _ = bodies(messages + "?Page=9223372036854775807&PageSize=1000")
	require.Empty(t, all)
}

func TestSegments(t *testing.T) {
	for text, want := range map[string]int{
		"x": 1, strings.Repeat("x", 160): 1, strings.Repeat("x", 161): 2, strings.Repeat("x", 307): 3, strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2,
		strings.Repeat("я", 70): 1, strings.Repeat("я", 71): 2, strings.Repeat("😀", 35): 1, strings.Repeat("😀", 36): 2,
	} {
		require.Equal(t, want, segments(text), text)
	}
}

func TestStatusCallbacks(t *testing.T) {
	h, in := newHandler(t, Config{})
	calls := make(chan url.Values, 10)
	var target string
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if sign("token", target, r.PostForm) != r.Header.Get("X-Twilio-Signature") {
			r.PostForm.Set("signature", "wrong")
		}
		calls <- r.PostForm
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer app.Close()
	target = app.URL + "/status?x=1"
	status, body := sendForm(h, messages, "To", number, "From", "Acme", "Body", "x", "StatusCallback", target)
	require.Equal(t, http.StatusCreated, status, body)
	sid := object(body)["sid"].(string)
	for _, want := range []string{"sent", "delivered"} {
		require.Equal(t, url.Values{
			"MessageSid": {sid}, "SmsSid": {sid}, "MessageStatus": {want}, "SmsStatus": {want}, "To": {number}, "From": {"Acme"},
			"AccountSid": {account}, "ApiVersion": {"2010-04-01"},
		}, <-calls)
	}
	in.err = errors.New("no such number")
	_, body = sendForm(h, messages, "To", number, "From", "Acme", "Body", "x", "StatusCallback", target)
	require.Equal(t, "queued", object(body)["status"])
	require.Equal(t, "sent", (<-calls).Get("MessageStatus"))
	undelivered := <-calls
	require.Equal(t, "undelivered", undelivered.Get("MessageStatus"))
	require.Equal(t, "30008", undelivered.Get("ErrorCode"))
}

// The example of Twilio's documentation.
func TestSignature(t *testing.T) {
	require.Equal(t, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"},
	}))
}

func TestCallbacksStayOnThisMachine(t *testing.T) {
	h, _ := newHandler(t, Config{CallbackHosts: []string{"app"}})
	for callback, allowed := range map[string]bool{
		"http://127.0.0.1:1/x": true, "http://[::1]:1/x": true, "http://localhost:1/": true, "https://app/x": true,
		"http://example.com/": false, "http://10.0.0.1/": false, "ftp://127.0.0.1/": false, "http://127.0.0.1.example.com/": false, ":": false,
		"http://localhost@example.com/": false, "http://[::ffff:127.0.0.1]/": true, "http://0.0.0.0/": false, "http://169.254.169.254/": false,
	} {
		require.Equal(t, allowed, h.calls.allows(callback), callback)
	}
	status, body := sendForm(h, messages, "To", number, "From", "Acme", "Body", "x", "StatusCallback", "http://example.com/")
	require.Equal(t, http.StatusBadRequest, status)
	require.EqualValues(t, 21609, object(body)["code"])
	require.Error(t, h.calls.control(t.Context(), "tcp", "10.0.0.1:80", nil), "whatever localhost resolves to")
	require.NoError(t, h.calls.control(t.Context(), "tcp", "127.0.0.1:80", nil))
}

func TestTwilioVerify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, in := newHandler(t, Config{})
		start := func(pairs ...string) map[string]any {
			status, body := sendForm(h, services+"/Verifications", append(pairs, "To", number, "Channel", "sms")...)
			require.Equal(t, http.StatusCreated, status, body)
			return object(body)
		}
		check := func(pairs ...string) (int, map[string]any) {
			status, body := sendForm(h, services+"/VerificationCheck", pairs...)
			return status, object(body)
		}
		sentCode := func() string { return in.last(t).Text[len(in.last(t).Text)-6:] }

		v := start()
		require.Equal(t, "pending", v["status"])
		require.Equal(t, account, v["account_sid"])
		require.Regexp(t, "^VE[0-9a-f]{32}$", v["sid"])
		code := sentCode()
		require.Regexp(t, `^Your verification code is: \d{6}$`, in.last(t).Text)
		require.Equal(t, v["sid"], start()["sid"], "the same is sent again")
		require.Equal(t, code, sentCode())
		wrong := "x" + code
		status, v := check("To", number, "Code", wrong)
		require.Equal(t, []any{http.StatusCreated, "pending", false}, []any{status, v["status"], v["valid"]})
		status, v = check("To", number, "Code", code)
		require.Equal(t, []any{http.StatusCreated, "approved", true}, []any{status, v["status"], v["valid"]})
		status, v = check("To", number, "Code", code)
		require.Equal(t, http.StatusNotFound, status, "used up")
		require.EqualValues(t, 20404, v["code"])

		v = start("CustomCode", "4455", "CustomFriendlyName", "Acme")
		require.Equal(t, "Your Acme verification code is: 4455", in.last(t).Text)
		status, got := get(h, services+"/Verifications/"+v["sid"].(string))
		require.Equal(t, []any{http.StatusOK, "pending"}, []any{status, got["status"]})
		for range maxChecks {
			status, _ = check("VerificationSid", v["sid"].(string), "Code", "0000")
			require.Equal(t, http.StatusCreated, status)
		}
		status, _ = check("VerificationSid", v["sid"].(string), "Code", "4455")
		require.Equal(t, http.StatusNotFound, status, "five tries")

		start()
		time.Sleep(verificationLife)
		status, _ = check("To", number, "Code", sentCode())
		require.Equal(t, http.StatusNotFound, status, "ten minutes")

		for range maxSends {
			start()
		}
		status, body := sendForm(h, services+"/Verifications", "To", number, "Channel", "sms")
		require.Equal(t, http.StatusTooManyRequests, status)
		require.EqualValues(t, 60203, object(body)["code"])
		for _, pairs := range [][]string{
			{"Channel", "sms"}, {"To", number}, {"To", number, "Channel", "call"}, {"To", "x", "Channel", "sms"}, {"To", number, "Channel", "sms", "CustomCode", "1"},
		} {
			status, body := sendForm(h, services+"/Verifications", pairs...)
			require.Equal(t, http.StatusBadRequest, status)
			require.EqualValues(t, 60200, object(body)["code"])
		}
	})
}

func TestSNS(t *testing.T) {
	h, in := newHandler(t, Config{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("Action=Publish")))
	require.Contains(t, w.Body.String(), "<RequestId>"+w.Header().Get("x-amzn-RequestId")+"</RequestId>")
	status, body := sendForm(h, "/", "Action", "Publish", "Version", "2010-03-31", "PhoneNumber", number, "Message", "Your code is 05678",
		"MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType", "MessageAttributes.entry.1.Value.StringValue", "Transactional",
		"MessageAttributes.entry.2.Name", "AWS.SNS.SMS.SenderID", "MessageAttributes.entry.2.Value.StringValue", "Acme")
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, Message{From: "Acme", To: number, Text: "Your code is 05678"}, in.last(t))
	require.Regexp(t, `^<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>[0-9a-f-]{36}</MessageId></PublishResult>`+
		`<ResponseMetadata><RequestId>[0-9a-f-]{36}</RequestId></ResponseMetadata></PublishResponse>$`, body)
	for _, c := range []struct{ code, action, to, text string }{
		{"InvalidAction", "ListTopics", number, "x"},
		{"InvalidParameter", "Publish", "", "x"},
		{"InvalidParameter", "Publish", "12", "x"},
		{"InvalidParameter", "Publish", number, ""},
		{"InvalidParameter", "Publish", number, strings.Repeat("x", 1601)},
	} {
		status, body := sendForm(h, "/", "Action", c.action, "PhoneNumber", c.to, "Message", c.text)
		require.Equal(t, http.StatusBadRequest, status)
		var e errorResponse
		require.NoError(t, xml.Unmarshal([]byte(body), &e), body)
		require.Equal(t, c.code, e.Code)
		require.NotEmpty(t, e.Message)
		require.NotEmpty(t, e.RequestID)
	}
	require.Len(t, in.messages, 1)
}

func TestWebhook(t *testing.T) {
	h, in := newHandler(t, Config{})
	const nested = `{"user":{"phone":"18454123223"},"sms":{"otp":"05678"},"a/b":[{"~":7}]}`
	for query, want := range map[string]Message{
		"to=/user/phone&text=/sms/otp":                                       {To: number, Text: "05678"},
		"to=/user/phone&text=Your+code+is+{/sms/otp}":                        {To: number, Text: "Your code is 05678"},
		"to=/user/phone&text={/sms/otp}-{/a~1b/0/~0}":                        {To: number, Text: "05678-7"},
		"to=user/phone&text=sms/otp&from=/sms/otp":                           {From: "05678", To: number, Text: "05678"},
		"to=/user/phone&text=" + url.QueryEscape("{not a place} {/sms/otp}"): {To: number, Text: "{not a place} 05678"},
	} {
		status, body := sendJSON(h, "/intake/http?"+query, nested)
		require.Equal(t, http.StatusOK, status, body)
		require.Equal(t, want, in.last(t), query)
	}
	status, body := sendForm(h, "/intake/http?to=recipient&text=body", "recipient", "0018454123223", "body", "hi")
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, Message{To: number, Text: "hi"}, in.last(t))
	status, body = sendJSON(h, "/intake/http", `{"to":18454123223,"text":"hi","from":"Acme"}`)
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, Message{From: "Acme", To: number, Text: "hi"}, in.last(t))
	require.JSONEq(t, `{"id":"7"}`, body)

	for query, body := range map[string]string{
		"to=/x&text=/sms/otp":                         nested,
		"to=/a~1b/9&text=/sms/otp":                    nested,
		"to=/user&text=/sms/otp":                      nested,
		"to=/user/phone&text={/nope}":                 nested,
		"to=/user/phone&test=/x":                      nested,
		"to=/user/phone&to=/user/phone&text=/sms/otp": nested,
		"to=":               nested,
		"from=/nope":        `{"to":"18454123223","text":"hi"}`,
		"":                  `{"to":"18454123223","text":" "}`,
		"text=/t":           `{"to":"18454123223","t":null}`,
		"text=/text":        `{"to":"12","text":"x"}`,
		"text=/text&to=/to": `not JSON`,
		"to=/to":            `{"to":"18454123223","text":"` + strings.Repeat("x", maxText+1) + `"}`,
		"%zz":               nested,
	} {
		status, answer := sendJSON(h, "/intake/http?"+query, body)
		require.Equal(t, http.StatusBadRequest, status, query)
		require.NotEmpty(t, object(answer)["error"], query)
	}
	require.Len(t, in.messages, 7)
	status, _ = send(h, http.MethodGet, "/intake/other", "", "")
	require.Equal(t, http.StatusNotFound, status)
}

// What programs with a webhook of their own send, as they document it.
func TestWebhookOfPrograms(t *testing.T) {
	h, in := newHandler(t, Config{})
	for program, c := range map[string]struct{ query, body, text string }{
		"Supabase": {
			"to=/user/phone&text=Your+code+is+{/sms/otp}",
			`{"user":{"id":"6481a5c1","aud":"authenticated","phone":"18454123223","email":""},"sms":{"otp":"561166"}}`, "Your code is 561166",
		},
		"Ory Kratos": {
			"to=/recipient&text=/body",
			`{"recipient":"+18454123223","template_type":"login_code_valid","body":"Your login code is: 561166","to":"+18454123223","template_data":{"LoginCode":"561166"}}`, "Your login code is: 561166",
		},
		"Zitadel": {
			"to=/contextInfo/recipientPhoneNumber&text=/templateData/text",
			`{"contextInfo":{"eventType":"user.human.phone.code.added","recipientPhoneNumber":"+18454123223"},"templateData":{"title":"Verify phone","text":"Use 561166"},"args":{"code":"561166"}}`, "Use 561166",
		},
		"Logto": {
			"to=/to&text={/payload/code}+is+your+code",
			`{"to":"18454123223","type":"SignIn","payload":{"code":"561166"}}`, "561166 is your code",
		},
	} {
		status, body := sendJSON(h, "/intake/http?"+c.query, c.body)
		require.Equal(t, http.StatusOK, status, "%s: %s", program, body)
		require.Equal(t, Message{To: number, Text: c.text}, in.last(t), program)
	}
}

func TestVonageSMS(t *testing.T) {
	h, in := newHandler(t, Config{})
	for _, answer := range []func() (int, string){
		func() (int, string) {
			return sendJSON(h, "/sms/json", `{"api_key":"k","api_secret":"s","to":"18454123223","from":"Acme","text":"Your code is 05678"}`)
		},
		func() (int, string) {
			return sendForm(h, "/sms/json", "to", "18454123223", "from", "Acme", "text", "Your code is 05678")
		},
	} {
		status, body := answer()
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, Message{From: "Acme", To: number, Text: "Your code is 05678"}, in.last(t))
		first := object(body)["messages"].([]any)[0].(map[string]any)
		require.Equal(t, "1", object(body)["message-count"])
		require.Equal(t, []any{"0", "18454123223"}, []any{first["status"], first["to"]})
		require.NotEmpty(t, first["message-id"])
	}
	for status, body := range map[string]string{
		"2": `{"from":"Acme","text":"x"}`, "3": `{"from":"Acme","text":"x","to":"12"}`, "12": `{"from":"Acme","to":"18454123223","text":"` + strings.Repeat("x", 3201) + `"}`,
	} {
		code, answer := sendJSON(h, "/sms/json", body)
		require.Equal(t, http.StatusOK, code)
		require.Equal(t, status, object(answer)["messages"].([]any)[0].(map[string]any)["status"], answer)
	}
	require.Len(t, in.messages, 2)
}

func TestVonageMessages(t *testing.T) {
	h, in := newHandler(t, Config{})
	status, body := sendJSON(h, "/v1/messages", `{"channel":"sms","message_type":"text","to":"18454123223","from":"Acme","text":"Your code is 05678"}`)
	require.Equal(t, http.StatusAccepted, status, body)
	require.NotEmpty(t, object(body)["message_uuid"])
	require.Equal(t, Message{From: "Acme", To: number, Text: "Your code is 05678"}, in.last(t))
	for _, body := range []string{
		``, `[]`, `null`, `{}`, `{"channel":"mms"}`, `{"channel":"sms","message_type":"text","to":"x","from":"Acme","text":"x"}`, `{"channel":"sms","message_type":"text","to":"18454123223","from":"Acme","text":""}`,
	} {
		status, answer := sendJSON(h, "/v1/messages", body)
		require.Equal(t, http.StatusUnprocessableEntity, status, body)
		require.Contains(t, object(answer)["type"], "https://developer.vonage.com/api-errors/messages#")
	}
	require.Len(t, in.messages, 1)
}

// requests are a request for each endpoint that is taken.
func requests(h http.Handler) map[Endpoint]func() (int, string) {
	return map[Endpoint]func() (int, string){
		TwilioMessages: func() (int, string) { return sendForm(h, messages, "To", number, "From", "Acme", "Body", "x") },
		TwilioVerify:   func() (int, string) { return sendForm(h, services+"/Verifications", "To", number, "Channel", "sms") },
		SNS: func() (int, string) {
			return sendForm(h, "/", "Action", "Publish", "PhoneNumber", number, "Message", "x")
		},
		Webhook:   func() (int, string) { return sendJSON(h, "/intake/http", `{"to":"18454123223","text":"x"}`) },
		VonageSMS: func() (int, string) { return sendJSON(h, "/sms/json", `{"to":"18454123223","from":"Acme","text":"x"}`) },
		VonageMessages: func() (int, string) {
			return sendJSON(h, "/v1/messages", `{"channel":"sms","message_type":"text","to":"18454123223","from":"Acme","text":"x"}`)
		},
	}
}

func TestFaults(t *testing.T) {
	for _, endpoint := range Endpoints() {
		t.Run(string(endpoint), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, in := newHandler(t, Config{})
				request := requests(h)[endpoint]
				require.NoError(t, h.Fail(endpoint, Fault{Status: 429, Code: "77", Message: "slow down", Times: 2}))
				for range 2 {
					status, body := request()
					require.Equal(t, 429, status)
					require.Contains(t, body, "77")
					require.Contains(t, body, "slow down")
				}
				require.NoError(t, h.Fail(endpoint, Fault{Status: 503}))
				status, body := request()
				require.Equal(t, 503, status)
				require.NotEmpty(t, body)
				h.ClearFaults()
				require.NoError(t, h.Fail(endpoint, Fault{Lose: true, Delay: time.Minute}))
				start := time.Now()
				status, _ = request()
				require.Less(t, status, 300)
				require.Equal(t, time.Minute, time.Since(start))
				require.Empty(t, in.messages)
				h.ClearFaults()
				in.err = errors.New("full")
				status, _ = request()
				require.Less(t, status, 500)
				in.err = nil
				status, _ = request()
				require.Less(t, status, 300)
				require.Len(t, in.messages, 1)
			})
		})
	}
	h, _ := newHandler(t, Config{})
	require.Error(t, h.Fail("fax", Fault{}))
	require.Error(t, h.Fail(SNS, Fault{Status: 42}))
	require.Error(t, h.Fail(SNS, Fault{Delay: -1}))
}

func TestALostTwilioMessageHasItsErrorCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := newHandler(t, Config{})
		require.NoError(t, h.Fail(TwilioMessages, Fault{Lose: true, Code: "30003"}))
		_, body := requests(h)[TwilioMessages]()
		time.Sleep(time.Second)
		_, m := get(h, object(body)["uri"].(string))
		require.Equal(t, "undelivered", m["status"])
		require.EqualValues(t, 30003, m["error_code"])
	})
}

func TestLongBodies(t *testing.T) {
	h, in := newHandler(t, Config{})
	long := strings.Repeat("x", maxBody+1)
	for _, target := range []string{messages, services + "/Verifications", "/", "/intake/http", "/sms/json", "/v1/messages"} {
		status, body := sendJSON(h, target, long)
		require.Equal(t, http.StatusRequestEntityTooLarge, status, target)
		require.Less(t, len(body), 1000)
	}
	require.Empty(t, in.messages)
}

// What an app leaves to be remembered is short.
func TestLongNames(t *testing.T) {
	h, in := newHandler(t, Config{})
	long := strings.Repeat("x", maxName+1)
	for name, answer := range map[string]func() (int, string){
		"21212": func() (int, string) { return sendForm(h, messages, "To", number, "From", long, "Body", "x") },
		"21701": func() (int, string) {
			return sendForm(h, messages, "To", number, "MessagingServiceSid", long, "Body", "x")
		},
		"InvalidParameter": func() (int, string) {
			return sendForm(h, "/", "Action", "Publish", "PhoneNumber", number, "Message", "x",
				"MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SenderID", "MessageAttributes.entry.1.Value.StringValue", long)
		},
		"too long": func() (int, string) {
			return sendJSON(h, "/intake/http", `{"to":"18454123223","text":"x","from":"`+long+`"}`)
		},
		"Invalid from param": func() (int, string) {
			return sendJSON(h, "/sms/json", `{"to":"18454123223","text":"x","from":"`+long+`"}`)
		},
		"1150": func() (int, string) {
			return sendJSON(h, "/v1/messages", `{"channel":"sms","message_type":"text","to":"18454123223","text":"x","from":"`+long+`"}`)
		},
		"20414": func() (int, string) {
			return sendForm(h, strings.Replace(messages, account, strings.Repeat("A", maxPath), 1), "To", number, "From", "Acme", "Body", "x")
		},
	} {
		status, body := answer()
		require.Less(t, status, 500, name)
		require.Contains(t, body, name)
		require.Less(t, len(body), 1000, name)
	}
	require.Empty(t, in.messages)
}

func TestHandles(t *testing.T) {
	h, _ := newHandler(t, Config{})
	for request, handled := range map[string]bool{
		"POST " + messages: true, "GET " + messages: true, "POST /": true, "GET /": false, "POST /activations": false, "GET /control/state": false,
		"POST /intake/http": true, "GET /intake/x": true, "POST /sms/json": true, "POST /v1/messages": true, "GET /v1/activations": false, "PUT /2010-04-01/x": true,
	} {
		method, target, _ := strings.Cut(request, " ")
		require.Equal(t, handled, h.Handles(httptest.NewRequest(method, target, nil)), request)
	}
}

// Whatever comes in, nothing panics, no answer is a 5xx, every answer is well formed,
// and what is delivered has a number and a text.
func FuzzIntake(f *testing.F) {
	paths := []string{messages, services + "/Verifications", services + "/VerificationCheck", "/", "/intake/http", "/intake/http?to=/a/0&text=x{/b}", "/sms/json", "/v1/messages"}
	f.Add(0, "application/x-www-form-urlencoded", "To=%2B18454123223&From=Acme&Body=hello&StatusCallback=http://127.0.0.1:1/")
	f.Add(1, "application/x-www-form-urlencoded", "To=%2B18454123223&Channel=sms&CustomCode=1234")
	f.Add(3, "application/x-www-form-urlencoded", "Action=Publish&PhoneNumber=%2B18454123223&Message=hello")
	f.Add(4, "application/json", `{"to":"+18454123223","text":"hello"}`)
	f.Add(5, "application/json", `{"a":["+18454123223"],"b":1e999}`)
	f.Add(7, "application/json", `{"channel":"sms","message_type":"text","to":"18454123223","from":"Acme","text":"hello"}`)
	f.Fuzz(func(t *testing.T, path int, contentType, body string) {
		h, in := newHandler(t, Config{Keep: 2})
		path = max(path, 0) % len(paths)
		status, answer := send(h, http.MethodPost, paths[path], contentType, body)
		require.Less(t, status, 500)
		if paths[path] == "/" {
			require.NoError(t, xml.Unmarshal([]byte(answer), new(struct{})), answer)
		} else {
			require.True(t, json.Valid([]byte(answer)), answer)
		}
		for _, m := range in.messages {
			require.Regexp(t, `^\+\d{5,17}$`, m.To)
			require.NotEmpty(t, strings.TrimSpace(m.Text))
			require.Equal(t, m.From+m.Text, strings.ToValidUTF8(m.From+m.Text, ""))
		}
	})
}
