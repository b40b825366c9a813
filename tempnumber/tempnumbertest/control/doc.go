// Package control is the control API of the service in a box, for tests in any
// language and in other processes: what the methods of a tempnumbertest.Server do,
// over HTTP. Client is its Go client; a tempnumbertest.Server mounts Handler by itself.
//
// Requests and answers are JSON, and no key is asked for. Lengths of time are texts
// with their unit, "3s"; phone numbers and codes are texts; sums are dollars. Every
// answer is 200 with a body, or an error with {"error": "what is wrong"}: 400
// malformed, 404 no such thing, 409 not possible now. Unknown fields and unknown query
// parameters are errors.
//
//	POST   /control/sms                       {"id": 12312, "text": "Your code is 05678"}, or "number": "+18454123223"
//	POST   /control/messages                  {"to": "+18454123223", "text": "…"}, whether or not somebody waits
//	GET    /control/messages                  the newest SMS; ?wait=30s&to=…&since=ID, an empty list when nothing came
//	GET    /control/codes/{number}            {"code", "message", …} of its newest SMS; ?wait=30s&after=ID, else 404
//	GET    /control/events                    all that happens, as server-sent events
//	PUT    /control/auto-sms                  {"delay": "3s", "text": "Your code is {code}"}, to every number from now on
//	DELETE /control/auto-sms
//	GET    /control/activations               [{"id", "status", "service", "country", "number", "message", "code", "price", …}]
//	GET    /control/activations/{id}          one of them
//	PUT    /control/activations/{id}          {"status": "lost"} or {"retry_available": false}
//	POST   /control/activations/{id}/expire   or /refund, /forget, /fail {"reason": 1}
//	GET    /control/settings                  dialect, rules, latency, account, balance, SMS that come by themselves, faults
//	GET    /control/balance                   {"balance", "review_balance"}
//	PUT    /control/balance                   one of them, or both
//	PUT    /control/account                   {"on_hold": true}, {"email_verified": false}
//	PUT    /control/prices                    {"service": "facebook", "country": "us", "price": 0.7}, or "available": false
//	PUT    /control/rules                     {"rate_limits": false, "pending_cap": 0, "delivery_percent": 0}
//	PUT    /control/dialect                   {"dialect": ["iso-times", "numeric-codes"]}
//	PUT    /control/latency                   {"latency": "75ms"}
//	POST   /control/faults                    {"endpoint": "POST /activations", "status": 503, "times": 2}
//	DELETE /control/faults
//	GET    /control/requests                  [{"at", "endpoint", "method", "path", "body", "status", …}], ?endpoint=POST%20/activations
//	POST   /control/reset
//	GET    /control/openapi.yaml              the document of all this, OpenAPI 3.0.3
//	GET    /control                           a list of all this
//	GET    /healthz                           {"status": "ok"}
//
// A fault is a Fault. With a delay alone the endpoint is just slow; the endpoint ""
// is every one.
package control
