package tempnumber

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCodeLeadingZeros(t *testing.T) {
	for name, c := range map[string]struct {
		raw, message string
		want         Code
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
			got, ok := codeFrom(c.raw, c.message)
			require.True(t, ok)
			require.Equal(t, c.want, got)
		})
	}
}

func TestCodeErrors(t *testing.T) {
	for _, raw := range []string{`true`, `{}`, `[1]`} {
		_, ok := codeFrom(raw, "")
		require.False(t, ok, raw)
	}
}
