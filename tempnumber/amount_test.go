package tempnumber

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]Amount{
		"0":                    0,
		"-0":                   0,
		"0.5":                  500_000_000,
		"0.50":                 500_000_000,
		"12.345678901":         12_345_678_901,
		"-3.25":                -3_250_000_000,
		"1e-3":                 1_000_000,
		"1.5E+2":               150_000_000_000,
		"0.30000000000000004":  300_000_000,
		"0.0000000005":         1,
		"9223372036.854775807": math.MaxInt64,
	} {
		got, err := ParseAmount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestParseAmountErrors(t *testing.T) {
	for _, text := range []string{
		"", " ", ".5", "5.", "1,5", "$1", "+1", "--1", "01", "1e", "e5", "1e400", "NaN", "Infinity", "0x10",
		"9223372036.854775808", "99999999999999999999", "1e-99", "0.0000000001", "1e19",
	} {
		_, err := ParseAmount(text)
		require.Error(t, err, "%q", text)
	}
}

func TestAmountString(t *testing.T) {
	for amount, want := range map[Amount]string{
		0:             "0",
		Dollar:        "1",
		50 * Cent:     "0.5",
		-50 * Cent:    "-0.5",
		1:             "0.000000001",
		math.MinInt64: "-9223372036.854775808",
		10*Dollar + 1: "10.000000001",
	} {
		require.Equal(t, want, amount.String())
	}
}

func TestAmountJSON(t *testing.T) {
	var got struct{ A, B, C Amount }
	require.NoError(t, json.Unmarshal([]byte(`{"A": 0.5, "B": "0.25", "C": null}`), &got))
	require.Equal(t, 50*Cent, got.A)
	require.Equal(t, 25*Cent, got.B)
	require.Zero(t, got.C)
	out, err := json.Marshal(got.A)
	require.NoError(t, err)
	require.Equal(t, "0.5", string(out))
	require.Error(t, json.Unmarshal([]byte(`{"A": ""}`), &got))
	require.Error(t, json.Unmarshal([]byte(`{"A": true}`), &got))
}

func FuzzAmount(f *testing.F) {
	for _, seed := range []string{"0.5", "-1e-3", "0.30000000000000004", "9223372036.854775807", "1e99", "00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAmount(text)
		if err != nil {
			return
		}
		again, err := ParseAmount(a.String())
		if a == math.MinInt64 {
			return
		}
		require.NoError(t, err)
		require.Equal(t, a, again)
		require.True(t, json.Valid([]byte(a.String())))
	})
}
