package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReceiver(t *testing.T) {
	for number, want := range map[string]string{
		"+18454123223":                           "+18454123223",
		"+1 (845) 412-3223":                      "+18454123223",
		" +1.845.412.3223\t":                     "+18454123223",
		"+1 1 845 412 3223":                      "+18454123223", // with the prefix of calls inside the country
		"+44 (0)7400 123456":                     "+447400123456",
		"+49\u00a01512\u202f3456789":             "+4915123456789",
		"\u202a+972 52\u2011123\u20114567\u202c": "+972521234567",
		"+43 6701 23456789":                      "+43670123456789",
		"+225 07 12 34 56 78":                    "+2250712345678", // this zero belongs to the number
		"+39 06 1234 5678":                       "+390612345678",
		"+881612345678":                          "+881612345678", // a satellite

		"":                      "",
		"+":                     "",
		"8454123223":            "",
		"18454123223":           "",
		"0018454123223":         "",
		"+1845":                 "",
		"+1 412 3223":           "", // has no area code
		"+184541232234":         "",
		"+999 1234567":          "", // there is no such country code
		"+0 123456789":          "",
		"hello":                 "",
		"+1 845 412 3223 x 5":   "",
		"whatsapp:+18454123223": "",
		"+1 845 412 3223+":      "",
		"+1                                       8454123223": "",
	} {
		e164, ok := receiver(number)
		require.Equal(t, want != "", ok, "%q", number)
		if ok {
			require.Equal(t, want, e164, "%q", number)
		}
	}
}
