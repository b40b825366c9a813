package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// webhook takes a message in any form: POST /intake/http?to=POINTER&text=POINTER. A
// pointer is a JSON pointer (RFC 6901), or the name of a field of a form. The text may
// also be a template with pointers in braces, "Your code is {/otp}".
func (req *request) webhook() {
	query, err := url.ParseQuery(req.r.URL.RawQuery)
	if err != nil {
		req.refuse(http.StatusBadRequest, "", "The query cannot be read")
		return
	}
	for name, values := range query {
		if !slices.Contains([]string{"to", "text", "from"}, name) || len(values) != 1 || values[0] == "" {
			req.refuse(http.StatusBadRequest, "", fmt.Sprintf("The query has a parameter %q that is unknown, empty or there twice: to, text and from are known", name))
			return
		}
	}
	doc, err := readDocument(req.r.Header.Get("Content-Type"), req.body)
	if err != nil {
		req.refuse(http.StatusBadRequest, "", err.Error())
		return
	}
	fields := map[string]string{}
	for _, name := range []string{"to", "text", "from"} {
		fields[name], err = doc.text(query, name)
		if err != nil && (name != "from" || query.Has("from")) {
			req.refuse(http.StatusBadRequest, "", err.Error())
			return
		}
	}
	id, taken := req.take(rules{
		status: http.StatusBadRequest,
		badTo:  refusal{"", `"%s" is no phone number with its country code`}, badFrom: refusal{"", "The sender's name is too long"},
		noText: refusal{"", "The text is empty"}, longText: refusal{"", fmt.Sprintf("The text is longer than %d characters", maxText)},
		lost:     refusal{"", "The message was not delivered"},
		isSender: isShort, length: utf8.RuneCountInString, longest: maxText,
	}, Message{From: fields["from"], To: withPlus(fields["to"]), Text: plainText(fields["text"])})
	if taken {
		writeJSON(req, http.StatusOK, map[string]string{"id": id})
	}
}

// refuseWebhook answers that a message was not taken.
func refuseWebhook(w http.ResponseWriter, status int, code, message string) {
	answer := map[string]string{"error": message}
	if code != "" {
		answer["code"] = code
	}
	writeJSON(w, status, answer)
}

// document is the body of a webhook: a JSON value, or the fields of a form.
type document struct {
	value any
	form  url.Values // nil for JSON
}

func readDocument(contentType string, body []byte) (document, error) {
	if kind, _, err := mime.ParseMediaType(contentType); err == nil && kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return document{}, errors.New("the body is not a form")
		}
		return document{form: form}, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var d document
	if err := decoder.Decode(&d.value); err != nil {
		return d, errors.New("the body is neither a form nor JSON")
	}
	return d, nil
}

// pointerInBraces is a place of a template. It is compiled when the first is asked for: no command of the tool waits for it.
var pointerInBraces = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant
	return regexp.MustCompile(`\{(/[^{}]*|[A-Za-z0-9_.-]+)\}`)
})

// text returns what stands where the query's parameter points to, or what its
// template gives. Without the parameter it points to the field of its name.
func (d document) text(query url.Values, parameter string) (string, error) {
	pointer := query.Get(parameter)
	if pointer == "" {
		pointer = "/" + parameter
	}
	if parameter != "text" || !pointerInBraces().MatchString(pointer) {
		return d.at(pointer)
	}
	var failed error
	filled := pointerInBraces().ReplaceAllStringFunc(pointer, func(place string) string {
		value, err := d.at(strings.Trim(place, "{}"))
		if err != nil {
			failed = err
		}
		return cutTo(value, maxText*utf8.UTFMax)
	})
	return filled, failed
}

// at returns the text or number that a pointer points to.
func (d document) at(pointer string) (string, error) {
	missing := fmt.Errorf("the body has nothing at %q", plainText(cutTo(pointer, 100)))
	if d.form != nil {
		name := strings.TrimPrefix(pointer, "/")
		if !d.form.Has(name) {
			return "", missing
		}
		return d.form.Get(name), nil
	}
	value := d.value
	for i, step := range strings.Split(pointer, "/") {
		if i == 0 && step == "" {
			continue
		}
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch in := value.(type) {
		case map[string]any:
			next, ok := in[step]
			if !ok {
				return "", missing
			}
			value = next
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(in) {
				return "", missing
			}
			value = in[n]
		default:
			return "", missing
		}
	}
	switch value := value.(type) {
	case string:
		return value, nil
	case json.Number:
		return value.String(), nil
	}
	return "", fmt.Errorf("what the body has at %q is neither text nor a number", plainText(cutTo(pointer, 100)))
}
