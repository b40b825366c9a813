// Package control is the control API of the service in a box, for tests in any
// language and in other processes: what the methods of a tempnumbertest.Server do,
// over HTTP. Client is its Go client; a tempnumbertest.Server mounts Handler by itself.
//
// Requests and answers are JSON, and no key is asked for. Lengths of time are texts
// with their unit, "3s"; phone numbers and codes are texts; sums are dollars. Every
// answer is 200 with a body, or an error with {"error": "what is wrong"}: 400
// malformed, 404 no such thing, 409 not possible now.
//
//	POST   /control/sms                       {"id": 12312, "text": "Your code is 05678"}, or "number": "+18454123223"
//	PUT    /control/auto-sms                  {"delay": "3s", "text": "Your code is {code}"}, to every number from now on
//	DELETE /control/auto-sms
//	GET    /control/activations               [{"id", "status", "service", "country", "number", "message", "code", "price", …}]
//	GET    /control/activations/{id}          one of them
//	POST   /control/activations/{id}/expire   or /refund, /forget, /fail {"reason": 1}
//	GET    /control/codes/{number}            {"id", "number", "code", "message"} of its newest SMS
//	GET    /control/balance                   {"balance", "review_balance"}
//	PUT    /control/balance                   one of them, or both
//	PUT    /control/account                   {"on_hold": true}
//	PUT    /control/prices                    {"service": "facebook", "country": "us", "price": 0.7}, or "available": false
//	POST   /control/faults                    {"endpoint": "POST /activations", "status": 503, "times": 2}
//	DELETE /control/faults
//	GET    /control/requests                  [{"at", "endpoint", "method", "path", "body", "status", …}], ?endpoint=POST%20/activations
//	POST   /control/reset
//	GET    /control                           this list
//	GET    /healthz                           {"status": "ok"}
//
// A fault is a Fault. With a delay alone the endpoint is just slow; the endpoint ""
// is every one.
package control
