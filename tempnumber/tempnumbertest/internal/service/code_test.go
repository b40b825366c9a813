package service

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACodeIsFoundInItsText(t *testing.T) {
	for text, want := range map[string]string{
		"Thanks for activation. Your activation code is: 5678": "5678",
		"Your code is 05678":                          "05678",
		"05678 is your Facebook code":                 "05678",
		"G-123456 is your Google verification code.":  "123456",
		"Your WhatsApp code: 123-456":                 "123456",
		"Code 123 456, do not share it":               "123456",
		"Use 4821 before 12:30 on 05.06.2026":         "4821",
		"In 2026 your code is 9913":                   "9913",
		"Your code for 2026 is 9913. Call 5551234.":   "9913",
		"Order 123456 paid $45.00, your code is 7788": "7788",
		"Account 99887766: PIN 4411":                  "4411",
		"Your code is A1B2C3":                         "A1B2C3",
		"ORDER66 was shipped":                         "",
		"Ihr Bestätigungscode lautet 445566":          "445566",
		"Ваш код: 778899":                             "778899",
		"您的验证码是887766，请勿泄露":                           "887766",
		"認証コード：334455":                                "334455",
		"Call +18454123223 for help":                  "",
		"Happy 2026":                                  "2026",
		"hello":                                       "",
		"":                                            "",
		"123":                                         "",
		"123456789":                                   "",
		"code":                                        "",
		"İ code 4455":                                 "4455",
		"\xff\xfe code 4455":                          "4455",
	} {
		require.Equal(t, want, codeIn(text), text)
	}
}

func FuzzCodeIn(f *testing.F) {
	f.Add("Your code is 123-456")
	f.Add("код 1234 \xff")
	f.Fuzz(func(t *testing.T, text string) {
		code := codeIn(text)
		for i := range len(code) {
			require.True(t, isWordByte(code[i]))
		}
		require.LessOrEqual(t, len(code), 8)
	})
}
