package intake

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
)

// newSID returns an id in Twilio's form: two letters and 32 hexadecimal digits.
func newSID(prefix string) string { return prefix + hex.EncodeToString(random()) }

// newUUID returns a random UUID.
func newUUID() string {
	b := random()
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func random() []byte {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return b
}

// newCode returns six random digits.
func newCode() string {
	b := random()
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(b)%1_000_000)
}

// writeJSON answers with a value as JSON.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // the client may have left
}
