package intake

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"
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
	if !ok {
		req.refuse(http.StatusOK, "3", "The body is neither a form nor JSON")
		return
	}
	m := vonageText(fields)
	if _, taken := req.take(rules{
		status: http.StatusOK,
		noTo:   refusal{"2", "Missing to param"}, noFrom: refusal{"2", "Missing from param"}, noText: refusal{"2", "Missing text param"},
		badTo: refusal{"3", "Invalid to param"}, badFrom: refusal{"3", "Invalid from param"},
		longText: refusal{"12", "The message exceeds the maximum number of characters"}, lost: refusal{"5", "Internal Error"},
		isSender: isShort, length: utf8.RuneCountInString, longest: 3200,
	}, m); taken {
		writeJSON(req, http.StatusOK, map[string]any{
			"message-count": "1",
			"messages": []map[string]string{{
				"to": strings.TrimPrefix(m.To, "+"), "message-id": newUUID(), "status": "0",
				"remaining-balance": "100.00000000", "message-price": "0.00000000", "network": "99999",
			}},
		})
	}
}

// vonageText returns the message of the fields.
func vonageText(fields map[string]string) Message {
	return Message{From: fields["from"], To: withPlus(fields["to"]), Text: plainText(fields["text"])}
}

// refuseVonageSMS answers as Vonage's SMS API refuses.
func refuseVonageSMS(w http.ResponseWriter, status int, code, message string) {
	if code == "" {
		code = "5" // internal error
		if status == http.StatusTooManyRequests {
			code = "1" // throttled
		}
	}
	writeJSON(w, status, map[string]any{
		"message-count": "1", "messages": []map[string]string{{"status": code, "error-text": message}},
	})
}

// vonageMessage sends a message by the Messages API: POST /v1/messages.
func (req *request) vonageMessage() {
	fields, ok := req.vonageFields("channel", "message_type")
	invalid := func(what string) refusal {
		return refusal{"1150", "The value of one or more parameters is invalid: " + what}
	}
	no := refusal{}
	switch {
	case !ok:
		no = refusal{"1010", "The body is not a JSON object"}
	case fields["channel"] != "sms":
		no = invalid("channel: only sms is sent here")
	case fields["message_type"] != "text":
		no = invalid("message_type: only text is sent here")
	}
	if no.message != "" {
		req.refuse(http.StatusUnprocessableEntity, no.code, no.message)
		return
	}
	if _, taken := req.take(rules{
		status: http.StatusUnprocessableEntity,
		noFrom: invalid("from: is required"), badFrom: invalid("from: is too long"), badTo: invalid("to: is no phone number in E.164"),
		noText: invalid("text: is required"), longText: invalid("text: is too long"), lost: refusal{"1300", "The message was not delivered"},
		isSender: isShort, length: utf8.RuneCountInString, longest: 1000,
	}, vonageText(fields)); taken {
		writeJSON(req, http.StatusAccepted, map[string]string{"message_uuid": newUUID()})
	}
}

// refuseVonageMessage answers as Vonage's Messages API refuses.
func refuseVonageMessage(w http.ResponseWriter, status int, code, message string) {
	if code == "" {
		code = "1000" // throttled, or anything else
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"type": "https://developer.vonage.com/api-errors/messages#" + code, "title": http.StatusText(status), "detail": message, "instance": newUUID(),
	})
}
