package intake

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"
)

// The longest texts that Vonage's two APIs take, in characters.
const (
	maxVonageSMS     = 3200
	maxVonageMessage = 1000
)

// vonageFields returns the fields to, from, text, and what else is asked for, of a
// body in JSON or of a form.
func (req *request) vonageFields(names ...string) (map[string]string, bool) {
	doc, err := readDocument(req.r.Header.Get("Content-Type"), req.body)
	if _, isObject := doc.value.(map[string]any); err != nil || doc.form == nil && !isObject {
		return nil, false
	}
	fields := map[string]string{}
	for _, name := range append(names, "to", "from", "text") {
		fields[name], _ = doc.at("/" + name) // what is missing is empty
	}
	return fields, true
}

// vonageSMS sends a message by the SMS API: POST /sms/json. Refusals are 200, too.
func (req *request) vonageSMS() {
	fields, ok := req.vonageFields()
	to, isNumber := receiver(withPlus(fields["to"]))
	text := plainText(fields["text"])
	refuse := func(status, why string) { req.refuse(http.StatusOK, status, why) }
	switch {
	case !ok:
		refuse("3", "The body is neither a form nor JSON")
	case fields["to"] == "":
		refuse("2", "Missing to param")
	case fields["from"] == "":
		refuse("2", "Missing from param")
	case isBlank(text):
		refuse("2", "Missing text param")
	case !isNumber:
		refuse("3", "Invalid to param")
	case utf8.RuneCountInString(text) > maxVonageSMS:
		refuse("12", "The message exceeds the maximum number of characters")
	default:
		if _, err := req.deliver(fields["from"], to, text); err != nil && !req.fault.Lose {
			refuse("5", "Internal Error")
			return
		}
		writeJSON(req.w, http.StatusOK, map[string]any{
			"message-count": "1",
			"messages": []map[string]string{{
				"to": strings.TrimPrefix(to, "+"), "message-id": newUUID(), "status": "0",
				"remaining-balance": "100.00000000", "message-price": "0.00000000", "network": "99999",
			}},
		})
	}
}

// refuseVonageSMS answers as Vonage's SMS API refuses.
func refuseVonageSMS(w http.ResponseWriter, _ *http.Request, status int, code, message string) {
	if code == "" {
		code = "5" // internal error
		if status == http.StatusTooManyRequests {
			code = "1" // throttled
		}
	}
	if message == "" {
		message = http.StatusText(status)
	}
	writeJSON(w, status, map[string]any{
		"message-count": "1", "messages": []map[string]string{{"status": code, "error-text": message}},
	})
}

// vonageMessage sends a message by the Messages API: POST /v1/messages.
func (req *request) vonageMessage() {
	fields, ok := req.vonageFields("channel", "message_type")
	to, isNumber := receiver(withPlus(fields["to"]))
	text := plainText(fields["text"])
	invalid := func(name, why string) {
		req.refuse(http.StatusUnprocessableEntity, "1150", "The value of one or more parameters is invalid: "+name+": "+why)
	}
	switch {
	case !ok:
		req.refuse(http.StatusUnprocessableEntity, "1010", "The body is not a JSON object")
	case fields["channel"] != "sms":
		invalid("channel", "only sms is sent here")
	case fields["message_type"] != "text":
		invalid("message_type", "only text is sent here")
	case fields["from"] == "":
		invalid("from", "is required")
	case !isNumber:
		invalid("to", "is no phone number in E.164")
	case isBlank(text):
		invalid("text", "is required")
	case utf8.RuneCountInString(text) > maxVonageMessage:
		invalid("text", "is too long")
	default:
		if _, err := req.deliver(fields["from"], to, text); err != nil && !req.fault.Lose {
			req.refuse(http.StatusUnprocessableEntity, "1300", "The message was not delivered")
			return
		}
		writeJSON(req.w, http.StatusAccepted, map[string]string{"message_uuid": newUUID()})
	}
}

// refuseVonageMessage answers as Vonage's Messages API refuses.
func refuseVonageMessage(w http.ResponseWriter, _ *http.Request, status int, code, message string) {
	if code == "" {
		code = "1000" // throttled, or anything else
	}
	if message == "" {
		message = http.StatusText(status)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"type": "https://developer.vonage.com/api-errors/messages#" + code, "title": http.StatusText(status), "detail": message, "instance": newUUID(),
	})
}
