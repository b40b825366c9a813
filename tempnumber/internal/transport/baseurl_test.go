package transport

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseBaseURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://host":             "https://host",
		" https://host/path// \n":  "https://host/path",
		"HTTPS://host":             "https://host",
		"http://localhost:80/x":    "http://localhost:80/x",
		"http://LOCALHOST":         "http://LOCALHOST",
		"http://127.9.9.9":         "http://127.9.9.9",
		"http://[::1]:80":          "http://[::1]:80",
		"https://host/a..b/.../c.": "https://host/a..b/.../c.",
	} {
		u, err := ParseBaseURL(text, false)
		require.NoError(t, err, text)
		require.Equal(t, want, u.String())
	}
	for text, want := range map[string]string{
		"":                        "not a complete URL",
		"host/path":               "not a complete URL",
		"https:host":              "not a complete URL",
		"https://:443":            "not a complete URL",
		"https://%zz":             "not a complete URL",
		"https://me@host":         "a user or a password",
		"https://me:secret1@host": "a user or a password",
		"https://host?x=1":        "a query or a fragment",
		"https://host?":           "a query or a fragment",
		"https://host#x":          "a query or a fragment",
		"https://host/a/../b":     ". or .. in its path",
		"https://host/./b":        ". or .. in its path",
		"https://host/%2e%2e/b":   ". or .. in its path",
		"http://host":             "use https, or WithPlainHTTP",
		"http://localhost.net":    "use https, or WithPlainHTTP",
		"http://10.0.0.1":         "use https, or WithPlainHTTP",
		"ftp://host":              "must start with https://",
		"//host":                  "must start with https://",
	} {
		u, err := ParseBaseURL(text, false)
		require.ErrorContains(t, err, want, text)
		require.Nil(t, u)
		require.NotContains(t, err.Error(), "secret1")
	}
	u, err := ParseBaseURL("http://host", true)
	require.NoError(t, err)
	require.Equal(t, "http://host", u.String())
	_, err = ParseBaseURL("ftp://host", true)
	require.Error(t, err, "plain HTTP is not anything")
}
