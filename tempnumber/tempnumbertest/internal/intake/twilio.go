package intake

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// How long after its creation a Twilio message is sent, and delivered.
const (
	sentAfter      = 20 * time.Millisecond
	deliveredAfter = 60 * time.Millisecond
)

// twilioMessage is a message as Twilio remembers it.
type twilioMessage struct {
	sid, account, service string
	from, to, body        string
	created               time.Time
	failure               int // Twilio's error code, 0 when it is delivered
}

// status returns the state of the message at a time.
func (m *twilioMessage) status(now time.Time) string {
	age := now.Sub(m.created)
	switch {
	case age < sentAfter && m.service != "":
		return "accepted"
	case age < sentAfter:
		return "queued"
	case age < deliveredAfter:
		return "sent"
	}
	return m.lastStatus()
}

func (m *twilioMessage) lastStatus() string {
	if m.failure != 0 {
		return "undelivered"
	}
	return "delivered"
}

// view returns the message as Twilio writes it.
func (m *twilioMessage) view(now time.Time) map[string]any {
	status := m.status(now)
	uri := "/2010-04-01/Accounts/" + m.account + "/Messages/" + m.sid
	v := map[string]any{
		"account_sid": m.account, "api_version": "2010-04-01", "body": m.body, "direction": "outbound-api",
		"date_created": rfc2822(m.created), "date_updated": rfc2822(now), "date_sent": nil,
		"error_code": nil, "error_message": nil, "from": nil, "messaging_service_sid": nil,
		"num_media": "0", "num_segments": strconv.Itoa(segments(m.body)), "price": nil, "price_unit": "USD",
		"sid": m.sid, "status": status, "subresource_uris": map[string]string{"media": uri + "/Media.json"},
		"to": m.to, "uri": uri + ".json",
	}
	if m.from != "" {
		v["from"] = m.from
	}
	if m.service != "" {
		v["messaging_service_sid"] = m.service
	}
	if status != "queued" && status != "accepted" {
		v["date_sent"] = rfc2822(m.created.Add(sentAfter))
	}
	if status == "undelivered" {
		v["error_code"], v["error_message"] = m.failure, "The message was not delivered"
	}
	return v
}

func rfc2822(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

// gsm holds the characters of SMS that take seven bits; those behind the line break
// take two places.
const gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

const gsmDouble = "^{}\\[~]|€"

// segments returns in how many pieces a text is sent.
func segments(text string) int {
	places, units, unicode := 0, 0, false
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm, r):
			places++
		case strings.ContainsRune(gsmDouble, r):
			places += 2
		default:
			unicode = true
		}
		units += max(1, utf8.RuneLen(r)/4+1) // two in UTF-16 beyond the first plane
	}
	one, each := 160, 153
	if unicode {
		places, one, each = units, 70, 67
	}
	if places <= one {
		return 1
	}
	return (places + each - 1) / each
}

// magic returns the refusal that Twilio's test credentials answer a receiver or a
// sender with, if they do.
func magic(m Message) (refusal, bool) {
	no, found := map[string]refusal{
		"+15005550001": {"21212", "Invalid From Number (caller ID): %s"},
		"+15005550007": {"21606", "The 'From' phone number %s is not a valid, message-capable Twilio phone number for this destination"},
		"+15005550008": {"21611", "This 'From' number %s has exceeded the maximum number of queued messages"},
	}[m.From]
	about := m.From
	if !found {
		about = m.To
		no, found = map[string]refusal{
			"+15005550001": {"21211", "Invalid 'To' Phone Number: %s"},
			"+15005550002": {"21612", "Message cannot be sent with the current combination of 'To' (%s) and/or 'From' parameters"},
			"+15005550003": {"21408", "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: %s"},
			"+15005550004": {"21610", "Attempt to send to unsubscribed recipient %s"},
			"+15005550009": {"21614", "'To' number %s is not a valid mobile number"},
		}[m.To]
	}
	no.message = strings.ReplaceAll(no.message, "%s", about)
	return no, found
}

// twilioForm returns the fields of a form, and refuses a body that is none.
func (req *request) twilioForm() (url.Values, bool) {
	form, err := url.ParseQuery(string(req.body))
	if err != nil {
		req.refuse(http.StatusBadRequest, "", "The body is not a form")
		return nil, false
	}
	return form, true
}

// createMessage sends a message: POST …/Messages.json.
func (req *request) createMessage() {
	form, ok := req.twilioForm()
	if !ok {
		return
	}
	sent, callback := Message{From: form.Get("From"), To: form.Get("To"), Text: bodyOf(form)}, strings.Clone(form.Get("StatusCallback"))
	m := &twilioMessage{
		sid: newSID("SM"), account: strings.Clone(req.r.PathValue("account")), service: strings.Clone(form.Get("MessagingServiceSid")), created: time.Now(),
	}
	if no, refused := req.judge(&sent, m.service, callback); refused {
		req.refuse(http.StatusBadRequest, no.code, no.message)
		return
	}
	m.from, m.to, m.body = strings.Clone(sent.From), sent.To, strings.Clone(sent.Text)
	if _, err := req.deliver(sent); err != nil {
		m.failure = 30008 // unknown error
		if code, err := strconv.Atoi(req.fault.Code); err == nil && code > 0 {
			m.failure = code
		}
		if req.fault.Lose && req.fault.Code == "" {
			m.failure = 0 // nobody is told
		}
	}
	req.mu.Lock()
	req.messages.add(m)
	req.mu.Unlock()
	if callback != "" {
		_, token, _ := req.r.BasicAuth()
		req.calls.report(m, callback, token)
	}
	writeJSON(req, http.StatusCreated, m.view(m.created))
}

// bodyOf returns the text of a form: its Body, or what is known of a template that
// only Twilio has.
func bodyOf(form url.Values) string {
	if body := plainText(form.Get("Body")); !isBlank(body) || form.Get("ContentSid") == "" {
		return body
	}
	return plainText(strings.TrimSpace(form.Get("ContentSid") + " " + form.Get("ContentVariables")))
}

// judge returns why a message is refused, if it is. It writes the receiver in E.164.
func (req *request) judge(m *Message, service, callback string) (refusal, bool) {
	r := rules{
		noTo: refusal{"21604", "A 'To' phone number is required."}, badTo: refusal{"21211", "Invalid 'To' Phone Number: %s"},
		badFrom: refusal{"21212", "Invalid From Number (caller ID): %s"}, noText: refusal{"21602", "Message body is required."},
		longText: refusal{"21617", "The concatenated message body exceeds the 1600 character limit."},
		isSender: isSender, length: utf8.RuneCountInString, longest: 1600,
	}
	if service == "" {
		r.noFrom = refusal{"21603", "A 'From' phone number is required."}
	}
	if no, refused := r.check(m); refused {
		return no, true
	}
	if no, refused := magic(*m); refused {
		return no, true
	}
	switch {
	case len(service) > maxName:
		return refusal{"21701", "The Messaging Service does not exist."}, true
	case callback != "" && !req.calls.allows(callback):
		return refusal{"21609", "The 'StatusCallback' URL is not a valid URL here: callbacks go to loopback addresses and to hosts that were named for it"}, true
	}
	return refusal{}, false
}

// fetchMessage returns one message: GET …/Messages/{sid}.json.
func (req *request) fetchMessage() {
	sid, account := strings.TrimSuffix(req.r.PathValue("sid"), ".json"), req.r.PathValue("account")
	req.mu.Lock()
	m, ok := req.messages.last(func(m *twilioMessage) bool { return m.sid == sid && m.account == account })
	req.mu.Unlock()
	if !ok {
		req.noTwilioResource()
		return
	}
	writeJSON(req, http.StatusOK, m.view(time.Now()))
}

// listMessages returns the messages of an account, the newest first.
func (req *request) listMessages() {
	query, account, now := req.r.URL.Query(), req.r.PathValue("account"), time.Now()
	req.mu.Lock()
	all := slices.Clone(req.messages.all)
	req.mu.Unlock()
	slices.Reverse(all)
	all = slices.DeleteFunc(all, func(m *twilioMessage) bool {
		return m.account != account || query.Has("To") && m.to != query.Get("To") || query.Has("From") && m.from != query.Get("From")
	})
	size, page := atLeast(query.Get("PageSize"), 1, 50), atLeast(query.Get("Page"), 0, 0)
	size = min(size, 1000)
	start := min(min(page, len(all))*size, len(all))
	end := min(start+size, len(all))
	views := []map[string]any{}
	for _, m := range all[start:end] {
		views = append(views, m.view(now))
	}
	uri := func(page int) string {
		query.Set("PageSize", strconv.Itoa(size))
		query.Set("Page", strconv.Itoa(page))
		return req.r.URL.Path + "?" + query.Encode()
	}
	list := map[string]any{
		"messages": views, "page": page, "page_size": size, "start": start, "end": max(start, end-1),
		"uri": uri(page), "first_page_uri": uri(0), "next_page_uri": nil, "previous_page_uri": nil,
	}
	if end < len(all) {
		list["next_page_uri"] = uri(page + 1)
	}
	if page > 0 {
		list["previous_page_uri"] = uri(page - 1)
	}
	writeJSON(req, http.StatusOK, list)
}

// atLeast reads a number and returns otherwise where there is none, or a smaller one.
// Numbers above a million count as a million.
func atLeast(text string, least, otherwise int) int {
	const most = 1_000_000
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= int64(least) {
		return int(min(n, most))
	}
	return otherwise
}

func (req *request) noTwilioResource() {
	req.refuse(http.StatusNotFound, "20404", "The requested resource "+req.r.URL.Path+" was not found")
}

// refuseTwilio answers as Twilio refuses.
func refuseTwilio(w http.ResponseWriter, status int, code, message string) {
	number, err := strconv.Atoi(code)
	if err != nil {
		number = 20000 + status // as 20404 and 20429
	}
	writeJSON(w, status, map[string]any{
		"code": number, "message": message, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", number), "status": status,
	})
}
