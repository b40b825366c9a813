package transport

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// redacted stands where the key stood.
const redacted = "[REDACTED]"

// Key is the API key. It is kept behind functions, because fmt, encoding/json and debuggers print every
// field they can reach, and none of them looks into a function.
type Key struct {
	value func() string
	// Redact returns a text without the key, in every form in which a server or a transport may repeat it. A
	// key of fewer than 8 characters is not searched for: it would be found in innocent texts.
	Redact func(text string) string
}

// NewKey returns the key that stands in a text, perhaps with white space around it. Errors do not repeat it.
func NewKey(text string) (Key, error) {
	key := strings.TrimSpace(text)
	switch {
	case key == "":
		return Key{}, errors.New("the API key is empty; make one in the account, under API")
	case len(key) > 1024:
		return Key{}, errors.New("the API key is longer than 1024 characters; give only the key, not a file around it")
	case !Printable(key, 0):
		return Key{}, errors.New("the API key has a space, a line break or another character in it that no key has; give only the key")
	}
	return Key{
		value: func() string { return key },
		Redact: func(text string) string {
			for _, form := range formsOf(key) {
				text = strings.ReplaceAll(text, form, redacted)
			}
			return text
		},
	}, nil
}

// Printable reports whether s holds visible ASCII characters only, or also.
func Printable(s string, also byte) bool {
	for i := range len(s) {
		if c := s[i]; (c <= ' ' || c > '~') && (c != also || c == 0) {
			return false
		}
	}
	return true
}

// leaksIn reports whether the key stands in text, in whatever form.
func (k Key) leaksIn(text string) bool { return k.Redact(text) != text }

// formsOf returns the ways in which a key may be written, the longest first, so that a shorter one does not
// cut a longer one in two.
func formsOf(key string) []string {
	if len(key) < 8 {
		return nil
	}
	quoted := strconv.Quote(key)
	inJSON, _ := json.Marshal(key) // a string can always be written
	inHex := hex.EncodeToString([]byte(key))
	forms := []string{key, quoted[1 : len(quoted)-1], string(inJSON[1 : len(inJSON)-1]), html.EscapeString(key), inHex, strings.ToUpper(inHex)}
	for _, escaped := range []string{url.QueryEscape(key), url.PathEscape(key)} {
		forms = append(forms, escaped, lowerEscapes(escaped))
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		// In a longer text that is encoded as a whole the key begins at one of three offsets, and the
		// characters at its ends depend on its neighbours.
		for shift := range 3 {
			encoded := encoding.EncodeToString(append(make([]byte, shift), key...))
			forms = append(forms, encoded[(shift*8+5)/6:(shift+len(key))*8/6])
		}
	}
	slices.Sort(forms)
	forms = slices.Compact(forms)
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return forms
}

// lowerEscapes writes the hex digits of percent escapes in lower case.
func lowerEscapes(escaped string) string {
	b := []byte(escaped)
	for i := range b {
		if b[i] == '%' && i+2 < len(b) {
			copy(b[i:i+3], strings.ToLower(escaped[i:i+3]))
		}
	}
	return string(b)
}
