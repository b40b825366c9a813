package transport

import (
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
