package tempnumbertest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// call sends a request with the right key to a server in memory, without the
// client's retries and checks, and returns the answer and its body. A body is sent as JSON.
func call(t testing.TB, server *tempnumbertest.Server, method, path, body string, alter ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://tempnumber.invalid"+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("x-api-key", tempnumbertest.DefaultKey)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, change := range alter {
		change(r)
	}
	answer, err := server.Transport().RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(text)
}

// callOK sends a request and decodes the answer, which must be a success.
func callOK(t testing.TB, server *tempnumbertest.Server, method, path, body string) map[string]any {
	t.Helper()
	answer, text := call(t, server, method, path, body)
	require.Equal(t, http.StatusOK, answer.StatusCode, text)
	var decoded map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &decoded))
	return decoded
}

// requireError asserts an error answer in the service's form.
func requireError(t testing.TB, status int, name string, answer *http.Response, body string) {
	t.Helper()
	require.Equal(t, status, answer.StatusCode, body)
	require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
	var decoded struct{ ErrorName, ErrorMessage string }
	require.NoError(t, json.Unmarshal([]byte(body), &decoded), body)
	require.Equal(t, name, decoded.ErrorName, body)
	require.NotEmpty(t, decoded.ErrorMessage)
}

// orderBody is the order of the vendor's README.
const orderBody = `{"serviceId":"facebook","countryId":"us"}`
