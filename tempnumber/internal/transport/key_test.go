package transport

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedact(t *testing.T) {
	const value = `sk_live/9f+"8<e%7d&c=6b5a4` // needs to be escaped in every notation
	key, err := NewKey(value)
	require.NoError(t, err)
	require.Greater(t, len(formsOf(value)), 10)
	for _, form := range formsOf(value) {
		require.NotContains(t, key.Redact("before "+form+" after"), form)
		require.True(t, key.leaksIn(form))
	}
	require.Equal(t, "nothing to hide", key.Redact("nothing to hide"))
	require.Equal(t, "a "+redacted+" b", key.Redact("a "+value+" b"))
	short, err := NewKey("key")
	require.NoError(t, err)
	require.Equal(t, "key a2V5", short.Redact("key a2V5"), "so short a key would match unrelated text")
}

func TestNewKey(t *testing.T) {
	key, err := NewKey(" \tsecret-key-1\n")
	require.NoError(t, err)
	require.Equal(t, "secret-key-1", key.value())
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", key, key, &key), "secret-key-1")
	_, err = NewKey(strings.Repeat("k", 1024))
	require.NoError(t, err)
	for text, want := range map[string]string{
		"": "is empty", " \n": "is empty", strings.Repeat("k", 1025): "longer than 1024",
		"secret key": "a space", "secret\nkey": "a line break", "secret\x7f": "another character", "secretä": "another character",
	} {
		_, err := NewKey(text)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]bool{"": true, "!az~": true, "a b": true, "a\tb": false, "\x7f": false, "ä": false, "a\x00": false} {
		require.Equal(t, want, Printable(text, ' '), "%q", text)
		require.Equal(t, want && text != "a b", Printable(text, 0), "%q", text)
	}
}
