package signup

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func post(app *App, path, body string) int {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
	return w.Code
}

func TestOnlyTheLastCodeVerifies(t *testing.T) {
	var sent []string
	app := New(func(_, text string) error { sent = append(sent, text); return nil })
	code := func(i int) string { return strings.TrimSuffix(strings.Fields(sent[i])[4], ".") }

	require.Equal(t, 202, post(app, "/signup", `{"phone": "+1"}`))
	require.Equal(t, 403, post(app, "/verify", `{"phone": "+1", "code": "wrong"}`))
	require.Equal(t, 202, post(app, "/signup", `{"phone": "+1"}`))
	if code(0) != code(1) {
		require.Equal(t, 403, post(app, "/verify", `{"phone": "+1", "code": "`+code(0)+`"}`))
	}
	require.False(t, app.Verified("+1"))
	require.Equal(t, 200, post(app, "/verify", `{"phone": "+1", "code": "`+code(1)+`"}`))
	require.True(t, app.Verified("+1"))
	require.Equal(t, 403, post(app, "/verify", `{"phone": "+1", "code": "`+code(1)+`"}`), "a code is good once")
	require.Equal(t, 400, post(app, "/signup", `{}`))
	require.Equal(t, 404, post(app, "/else", `{"phone": "+1"}`))
}
