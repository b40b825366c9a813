package country

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestName(t *testing.T) {
	for id, name := range map[string]string{
		"us": "United States", "GB": "United Kingdom", "ci": "Côte d’Ivoire", "xk": "Kosovo", "qq": "QQ", "": "", "zz": "ZZ", "eu": "EU",
	} {
		require.Equal(t, name, Name(id), id)
	}
}

func TestID(t *testing.T) {
	for text, want := range map[string]string{
		"us": "us", "US": "us", "USA": "us", "840": "us", "united states": "us", "Germany": "de", "uk": "gb", "GBR": "gb", " fr ": "fr", "qz": "qz",
	} {
		id, ok := ID(text)
		require.True(t, ok, text)
		require.Equal(t, want, id, text)
	}
	for _, text := range []string{"", "a", "Atlantis", "../x", "u/", "150"} {
		id, ok := ID(text)
		require.False(t, ok, text)
		require.Empty(t, id)
	}
}
