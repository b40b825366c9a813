package tempnumber

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// secret is the API key. It is kept behind functions, because fmt, encoding/json
// and debuggers' dumps print every field they can reach, and none of them looks
// into a function.
type secret struct {
	reveal func() string
	// blot puts a mark in the place of the key, in every form in which a server or
	// a transport may repeat it.
	blot func(text string) string
}

func newSecret(key string) secret {
	return secret{
		reveal: func() string { return key },
		blot: func(text string) string {
			for _, form := range formsOf(key) {
				text = strings.ReplaceAll(text, form, "[key]")
			}
			return text
		},
	}
}

// shows tells whether the key stands in text, in whatever form.
func (s secret) shows(text string) bool { return s.blot(text) != text }

// formsOf gives the ways in which a key may be written down, the longest first,
// so that no form is cut in two by a shorter one.
func formsOf(key string) []string {
	forms := []string{key}
	if len(key) < 8 {
		return forms // encoded, it would be so short that it stands in innocent texts as well
	}
	quoted := strconv.Quote(key)
	inJSON, _ := json.Marshal(key) // a string can always be written
	inHex := hex.EncodeToString([]byte(key))
	forms = append(forms, quoted[1:len(quoted)-1], string(inJSON[1:len(inJSON)-1]), html.EscapeString(key), inHex, strings.ToUpper(inHex))
	for _, escaped := range []string{url.QueryEscape(key), url.PathEscape(key)} {
		forms = append(forms, escaped, lowerEscapes(escaped))
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		// In a longer text that is encoded as a whole, the key begins at one of three
		// places, and the characters at its ends depend on what is beside it.
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
