package lenient

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCodeLeadingZeros(t *testing.T) {
	for name, c := range map[string]struct {
		raw, message string
		want         string
	}{
		"a number as in the vendor's sample":   {`5678`, "Thanks for activation. Your activation code is: 5678", "5678"},
		"text with its zeros":                  {`"05678"`, "", "05678"},
		"text is never changed":                {`"5678"`, "your code is 05678", "5678"},
		"a number whose zeros the message has": {`5678`, "Your code is 05678.", "05678"},
		"the shortest run wins":                {`78`, "ref 00078, code 078", "078"},
		"part of a longer number is skipped":   {`5678`, "order 105678, code 05678", "05678"},
		"letters and digits are one token":     {`5678`, "A05678B", "5678"},
		"a prefix with a hyphen":               {`5678`, "G-005678 is your code", "005678"},
		"a script without spaces":              {`5678`, "验证码05678请勿泄露", "05678"},
		"zero alone":                           {`0`, "code 0000", "0000"},
		"no message":                           {`5678`, "", "5678"},
		"twenty digits":                        {`12345678901234567890`, "", "12345678901234567890"},
		"null":                                 {`null`, "hello", ""},
		"missing":                              {``, "hello", ""},
		"letters":                              {`"A1B2"`, "", "A1B2"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := Code(c.raw, c.message)
			require.True(t, ok)
			require.Equal(t, c.want, got)
		})
	}
}

func TestCodeErrors(t *testing.T) {
	for _, raw := range []string{`true`, `{}`, `[1]`} {
		_, ok := Code(raw, "")
		require.False(t, ok, raw)
	}
}

func FuzzCode(f *testing.F) {
	for _, raw := range []string{"", "null", "5678", `"05678"`, "0", "-1", "1e3", "1.0", "true", "[]", `"\u0030"`, `"`, " 5678 "} {
		f.Add(raw, "Your code is 05678, not 105678")
		f.Add(raw, "")
		f.Add(raw, "код05678код")
	}
	f.Fuzz(func(t *testing.T, raw, message string) {
		code, ok := Code(raw, message)
		if !ok {
			require.Empty(t, code)
			return
		}
		if digits := strings.TrimSpace(raw); allDigits(digits) {
			require.Equal(t, digits, code[len(code)-len(digits):], "only zeros are added, in front")
			require.Empty(t, strings.Trim(code[:len(code)-len(digits)], "0"))
			require.True(t, code == digits || strings.Contains(message, code))
		}
	})
}

// A decimal is what exact arithmetic makes of it.
func FuzzDecimal(f *testing.F) {
	for _, text := range []string{
		"0", "-0", "5", "0.5", "0.05", "12.50", "-1e-3", "1.5E+2", "0.30000000000000004", "0.0000000005", "0.0000000004", "9223372036.854775807", "9223372036.8547758075",
		"-9223372036.854775808", "99999999999999999999", "1e99", "1e-99", "0e99", "00", "01", "1.", ".5", "", "1.2.3", " 1", "0x1", "1e", "+1", "4.5e-9", "10e-10", "12345.6789e5",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Decimal(text, 9)
		exact, valid := new(big.Rat).SetString(text)
		if !valid || strings.ContainsAny(text, "/_xXbBoOpP+") && !strings.ContainsAny(text, "eE") || len(text) > 70 {
			return
		}
		units := new(big.Rat).Mul(exact, big.NewRat(1_000_000_000, 1))
		if err != nil {
			tooLarge := new(big.Rat).Abs(units).Cmp(new(big.Rat).SetInt64(math.MaxInt64)) > 0
			tooSmall := units.Sign() != 0 && new(big.Rat).Abs(units).Cmp(big.NewRat(1, 2)) < 0
			strange := err == errNotDecimal || strings.Contains(err.Error(), "leading zeros")
			require.True(t, tooLarge || tooSmall || strange, "%q: %v", text, err)
			return
		}
		off := new(big.Rat).Sub(units, new(big.Rat).SetInt64(got))
		require.LessOrEqual(t, off.Abs(off).Cmp(big.NewRat(1, 2)), 0, "%q is not %d", text, got)
	})
}

func TestURL(t *testing.T) {
	for _, c := range [][3]string{
		{"https://x.test/i", "a.svg", "https://x.test/i/a.svg"},
		{"https://x.test/i/", "/a.svg", "https://x.test/i/a.svg"},
		{"https://x.test/i", "https://y.test/a.svg", "https://y.test/a.svg"},
		{"", "a.svg", ""},
		{"relative", "a.svg", ""},
		{"https://x.test", "", ""},
		{"https://x.test", "%zz", ""},
	} {
		require.Equal(t, c[2], URL(c[0], c[1]), c)
	}
}
