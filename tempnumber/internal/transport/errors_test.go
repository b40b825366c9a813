package transport

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"plain ä, 中":             "plain ä, 中",
		"\x1b[31mb\r\nc\x00":     "·[31mb··c·",
		"a\u202eb\u200fc\xff":    "a·b·c·",
		strings.Repeat("é", 9):   strings.Repeat("é", 9),
		strings.Repeat("é", 10):  strings.Repeat("é", 10),
		strings.Repeat("é", 11):  strings.Repeat("é", 10) + "…",
		strings.Repeat("ab", 10): "ababababab…",
	} {
		require.Equal(t, want, Clean(text, 10), "%q", text)
	}
}

func TestRedactError(t *testing.T) {
	key, err := NewKey("secret-key-1")
	require.NoError(t, err)

	inner := fmt.Errorf("read\x1b: %w", os.ErrPermission)
	shown := redactError(&url.Error{Op: "Get", URL: "https://host/secret", Err: inner}, key)
	require.Equal(t, "read·: permission denied", shown.Error(), "without what net/http puts around it")
	require.ErrorIs(t, shown, os.ErrPermission)
	require.NotErrorIs(t, shown, os.ErrNotExist)
	var path *os.PathError
	require.NotErrorAs(t, shown, &path)
	require.ErrorAs(t, redactError(&os.PathError{Op: "open", Path: "x", Err: os.ErrPermission}, key), &path)
	require.NotContains(t, fmt.Sprintf("%#v", shown), "https://host/secret")

	late := redactError(fmt.Errorf("%w, %w", context.DeadlineExceeded, context.Canceled), key)
	require.NotErrorIs(t, late, context.DeadlineExceeded, "a caller would take it for its own")
	require.NotErrorIs(t, late, context.Canceled)

	leaks := redactError(fmt.Errorf("header secret-key-1: %w", os.ErrPermission), key)
	require.Equal(t, "header [REDACTED]: permission denied", leaks.Error())
	require.NotErrorIs(t, leaks, os.ErrPermission, "nothing is left but the text")
}
