package tempnumber

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPhoneForms(t *testing.T) {
	p := Phone{number: "18454123223", countryCode: "1", national: "8454123223", formatted: "+1 845-412-3223"}
	require.Equal(t, "+18454123223", p.E164())
	require.Equal(t, "8454123223", p.National())
	require.Equal(t, "1", p.CountryCode())
	require.Equal(t, "+1 845-412-3223", p.String())
	out, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, `"+18454123223"`, string(out))
}

func TestPhoneMissingParts(t *testing.T) {
	require.True(t, Phone{}.IsZero())
	require.Empty(t, Phone{}.E164())
	require.Empty(t, Phone{}.String())
	onlyNumber := Phone{number: "491701234567"}
	require.Equal(t, "491701234567", onlyNumber.National())
	require.Equal(t, "+491701234567", onlyNumber.String())
	require.Equal(t, "1701234567", Phone{number: "491701234567", national: "1701234567"}.National())
	require.Equal(t, "123", Phone{number: "999", countryCode: "44", national: "123"}.National(), "a country code that is not a prefix")
}
