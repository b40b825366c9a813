package tempnumber

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInvalidIDs(t *testing.T) {
	for _, id := range []string{"", ".", "..", "a/b", "a?b", "a#b", "%2e", "a b", "ü", string(make([]byte, 65))} {
		require.ErrorIs(t, checkID("ServiceID", id), ErrInvalidInput, "%q", id)
	}
	for _, id := range []string{"0", "-1", "+1", "01", "1.0", "1e3", "", " 1", "9223372036854775808", "../1"} {
		_, err := ParseActivationID(id)
		require.ErrorIs(t, err, ErrInvalidInput, "%q", id)
	}
	id, err := ParseActivationID("12312")
	require.NoError(t, err)
	require.Equal(t, "12312", id.String())
}
