package intake

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
)

const snsNamespace = "http://sns.amazonaws.com/doc/2010-03-31/"

// publishResponse is how SNS answers Publish.
type publishResponse struct {
	XMLName   xml.Name `xml:"PublishResponse"`
	Namespace string   `xml:"xmlns,attr"`
	MessageID string   `xml:"PublishResult>MessageId"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

// errorResponse is how SNS refuses.
type errorResponse struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// publish sends a message: POST / with Action=Publish.
func (req *request) publish() {
	form, err := url.ParseQuery(string(req.body))
	switch action := form.Get("Action"); {
	case err != nil:
		req.refuse(http.StatusBadRequest, "MalformedQueryString", "The body is not a form")
		return
	case action != "Publish":
		req.refuse(http.StatusBadRequest, "InvalidAction", fmt.Sprintf("Could not find operation %s; only Publish is taken here", cutTo(action, maxName)))
		return
	}
	invalid := func(why string) refusal { return refusal{"InvalidParameter", "Invalid parameter: " + why} }
	if _, taken := req.take(rules{
		status: http.StatusBadRequest,
		noTo:   invalid("PhoneNumber Reason: messages are taken for phone numbers, not for topics"), badTo: invalid("PhoneNumber Reason: %s is not valid to publish to"),
		badFrom: invalid("SenderID Reason: too long"), noText: invalid("Empty message"), longText: invalid("Message Reason: Message too long"),
		lost:     invalid("PhoneNumber Reason: the message was not delivered"),
		isSender: isShort, length: func(text string) int { return len(text) }, longest: 1600,
	}, Message{From: senderID(form), To: form.Get("PhoneNumber"), Text: plainText(form.Get("Message"))}); taken {
		writeXML(req, http.StatusOK, func(id string) any {
			return publishResponse{Namespace: snsNamespace, MessageID: newUUID(), RequestID: id}
		})
	}
}

// senderID returns the attribute of a message that names its sender.
func senderID(form url.Values) string {
	const attributes = 10 // SNS takes no more
	for i := 1; i <= attributes; i++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", i)
		if form.Get(entry+"Name") == "AWS.SNS.SMS.SenderID" {
			return form.Get(entry + "Value.StringValue")
		}
	}
	return ""
}

// refuseSNS answers as SNS refuses.
func refuseSNS(w http.ResponseWriter, status int, code, message string) {
	e := errorResponse{Namespace: snsNamespace, Type: "Sender", Code: code, Message: message}
	if status >= http.StatusInternalServerError {
		e.Type = "Receiver"
	}
	if e.Code == "" {
		switch {
		case status == http.StatusTooManyRequests:
			e.Code = "Throttled"
		case status >= http.StatusInternalServerError:
			e.Code = "InternalError"
		default:
			e.Code = "InvalidParameter"
		}
	}
	writeXML(w, status, func(id string) any {
		e.RequestID = id
		return e
	})
}

// writeXML answers with what make returns for the id of the request.
func writeXML(w http.ResponseWriter, status int, value func(requestID string) any) {
	id := newUUID()
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-RequestId", id)
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(value(id)) // the client may have left
}
