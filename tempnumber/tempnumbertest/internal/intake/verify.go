package intake

import (
	"net/http"
	"strings"
	"time"
)

// The limits of a verification with Twilio Verify.
const (
	verificationLife = 10 * time.Minute
	maxChecks        = 5
	maxSends         = 5
)

// verification is a code that an app let Twilio Verify make and send.
type verification struct {
	sid, service, account string
	to, code, status      string
	created, updated      time.Time
	sends, checks         int
}

// open reports whether the code can still be entered.
func (v *verification) open(now time.Time) bool {
	return v.status == "pending" && now.Sub(v.created) < verificationLife && v.checks < maxChecks
}

func (v *verification) view() map[string]any {
	return map[string]any{
		"sid": v.sid, "service_sid": v.service, "account_sid": v.account, "to": v.to, "channel": "sms",
		"status": v.status, "valid": v.status == "approved", "amount": nil, "payee": nil, "sna": nil,
		"lookup": map[string]any{"carrier": nil}, "date_created": iso(v.created), "date_updated": iso(v.updated),
		"send_code_attempts": []map[string]any{{"time": iso(v.updated), "channel": "SMS", "attempt_sid": "VL" + v.sid[2:]}},
		"url":                "https://verify.twilio.com/v2/Services/" + v.service + "/Verifications/" + v.sid,
	}
}

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// createVerification makes a code and sends it: POST …/Verifications. While one is
// open for the number, that is sent again.
func (req *request) createVerification() {
	form, ok := req.twilioForm()
	if !ok {
		return
	}
	to, isNumber := receiver(form.Get("To"))
	custom, name := form.Get("CustomCode"), plainText(form.Get("CustomFriendlyName"))
	switch channel := form.Get("Channel"); {
	case form.Get("To") == "":
		req.refuse(http.StatusBadRequest, "60200", "Missing required parameter To in the post body")
		return
	case channel == "":
		req.refuse(http.StatusBadRequest, "60200", "Missing required parameter Channel in the post body")
		return
	case channel != "sms" && channel != "auto":
		req.refuse(http.StatusBadRequest, "60200", "Invalid parameter `Channel`: only sms is sent here")
		return
	case !isNumber:
		req.refuse(http.StatusBadRequest, "60200", "Invalid parameter `To`: "+cutTo(form.Get("To"), maxName))
		return
	case custom != "" && (len(custom) < 4 || len(custom) > 10 || strings.Trim(custom, "0123456789") != ""), len(name) > 100:
		req.refuse(http.StatusBadRequest, "60200", "Invalid parameter `CustomCode` or `CustomFriendlyName`")
		return
	}
	v := req.openVerification(to, custom)
	if v.sends > maxSends {
		req.refuse(http.StatusTooManyRequests, "60203", "Max send attempts reached")
		return
	}
	if name != "" {
		name += " "
	}
	if _, err := req.deliver(Message{To: to, Text: "Your " + name + "verification code is: " + v.code}); err != nil && !req.fault.Lose {
		req.refuse(http.StatusBadRequest, "60200", "The message was not delivered")
		return
	}
	writeJSON(req, http.StatusCreated, v.view())
}

// openVerification returns a copy of the open verification of a number, a new one
// where there is none, and counts that it is sent.
func (req *request) openVerification(to, custom string) verification {
	service, now := strings.Clone(req.r.PathValue("service")), time.Now()
	req.mu.Lock()
	defer req.mu.Unlock()
	v, ok := req.verifications.last(func(v *verification) bool { return v.service == service && v.to == to && v.open(now) })
	if !ok {
		v = &verification{sid: newSID("VE"), service: service, account: "AC" + strings.Repeat("0", 32), to: to, code: newCode(), status: "pending", created: now}
		if user, _, _ := req.r.BasicAuth(); strings.HasPrefix(user, "AC") && len(user) == len(v.account) {
			v.account = strings.Clone(user)
		}
		req.verifications.add(v)
	}
	if custom != "" {
		v.code = strings.Clone(custom)
	}
	v.sends++
	v.updated = now
	return *v
}

// fetchVerification returns a verification by its id.
func (req *request) fetchVerification() {
	service, sid := req.r.PathValue("service"), req.r.PathValue("sid")
	req.mu.Lock()
	v, ok := req.verifications.last(func(v *verification) bool { return v.service == service && v.sid == sid })
	var view map[string]any
	if ok {
		view = v.view()
	}
	req.mu.Unlock()
	if !ok {
		req.noTwilioResource()
		return
	}
	writeJSON(req, http.StatusOK, view)
}

// checkVerification compares a code: POST …/VerificationCheck.
func (req *request) checkVerification() {
	form, ok := req.twilioForm()
	if !ok {
		return
	}
	to, _ := receiver(form.Get("To"))
	service, sid, now := req.r.PathValue("service"), form.Get("VerificationSid"), time.Now()
	if to == "" && sid == "" || form.Get("Code") == "" {
		req.refuse(http.StatusBadRequest, "60200", "Missing required parameter: Code, and To or VerificationSid")
		return
	}
	req.mu.Lock()
	v, ok := req.verifications.last(func(v *verification) bool {
		return v.service == service && (sid != "" && v.sid == sid || sid == "" && v.to == to) && v.open(now)
	})
	var view map[string]any
	if ok {
		v.checks++
		v.updated = now
		if form.Get("Code") == v.code {
			v.status = "approved"
		}
		view = v.view()
		delete(view, "send_code_attempts")
		delete(view, "lookup")
		delete(view, "url")
		view["sna_attempts_error_codes"] = []string{}
	}
	req.mu.Unlock()
	if !ok {
		req.noTwilioResource()
		return
	}
	writeJSON(req, http.StatusCreated, view)
}
