package smscode

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	for name, group := range map[string]map[string]string{
		"a number beside a word that announces a code": {
			"Your code is 5678":                       "5678",
			"Your activation code is: 05678":          "05678",
			"05678 is your Acme verification code.":   "05678",
			"Your OTP: 123456. Valid for 10 minutes.": "123456",
			"PIN 0042":      "0042",
			"code:12345678": "12345678",
			"[Acme] Use 482913 to log in. Don't share it.":                                  "482913",
			"Enter 77120 to confirm your number":                                            "77120",
			"<#> 4821 is your Acme code\nFA+9qCX9VSu":                                       "4821",
			"Never share this code with anyone. 123456 is your one-time password for Acme.": "123456",
			"482913":                         "482913",
			"Acme: 482913. Valid 5 min":      "482913",
			"Your code is 123 ":              "123",
			"Your WhatsApp code: 123-456":    "123456",
			"Code: 123 456":                  "123456",
			"Your pass is 12-34-56":          "123456",
			"Your code is 1234 5678":         "12345678",
			"Your code is 1234-5678":         "12345678",
			"G-482913 is your Google code":   "482913",
			"FB-48291 is your Facebook code": "48291",
		},
		"not years": {
			"In 2024 your code is 5678":                            "5678",
			"Acme 2024: code 5678":                                 "5678",
			"© 2024 Acme. Your code: 5678":                         "5678",
			"Your code for the 2024 Expo: 5678":                    "5678",
			"Your code is 2024":                                    "2024",
			"Code: 1999":                                           "1999",
			"Happy New Year 2025!":                                 "",
			"Code 482913, valid until 12.05.2025":                  "482913",
			"2023-05-12 10:30 code 4821":                           "4821",
			"Your code for 2024 was sent by mail":                  "",
			"Acme Inc 2024. 482913 is the code you requested 2025": "482913",
		},
		"not account, card and phone numbers": {
			"Account 12345678: your code is 4821":                                "4821",
			"Code for account 12345678 is 4821":                                  "4821",
			"Login to account no. 99887766. OTP 556677":                          "556677",
			"Your card ending in 4821 needs a code: 559021":                      "559021",
			"OTP for txn of INR 5000.00 at AMZN on card XX1234 is 556677":        "556677",
			"OTP for txn of Rs.5000 on your a/c 998877 is 556677":                "556677",
			"Order 55512345 code 6789":                                           "6789",
			"Code 4821. Questions? Call 1800 123 456":                            "4821",
			"Questions? Call +1 (555) 123-4567. Code 4821":                       "4821",
			"Call 5551234567 now":                                                "",
			"Dear customer, 1234 is your verification code for account 99887766": "1234",
			"Your Acme account code is 1234":                                     "1234",
			"Reply STOP to 12345. Your code is 6789":                             "6789",
			"Ticket #55512, code 6789":                                           "6789",
			"Balance $1234. Code 6789":                                           "6789",
			"You spent 1500 EUR. Code 6789":                                      "6789",
			"Account 12345678 was charged":                                       "",
			"Your card ****4821 was charged 20.50":                               "",
			"尾号4821的卡,验证码559021":                                                 "559021",
			"Konto 12345678, Bestätigungscode 4821":                              "4821",
			"Cuenta 12345678. Tu código de verificación es 4821":                 "4821",
			"See https://acme.example/v/998877 or enter code 4821":               "4821",
			"See acme.co/998877 or enter 4821":                                   "4821",
			"Mail 998877@acme.example. Code 4821":                                "4821",
			"Your code 4821.Please enter it":                                     "4821",
			"Valid for 1440 minutes: 482913":                                     "482913",
			"You have 1000 points":                                               "",
			"Meet at 12:30":                                                      "",
			"Total 1,234.56":                                                     "",
			"Your shipping number 482913 and 5512 is the PIN":                    "5512",
			"Pinterest 2024":                                                     "",
			"1234567890123456789":                                                "",
			"Use code 4821 within 10 min. Ref 998877":                            "4821",
			"Ref: 998877 Use code 4821":                                          "4821",
			"Your transaction 998877 of 50 USD: approve with TAN 123456":         "123456",
			"Ваш заказ 998877 принят. Код подтверждения: 4821":                   "4821",
		},
		"letters and digits mixed": {
			"Your code is A1B2C3":                       "A1B2C3",
			"A1B2C3 is your code":                       "A1B2C3",
			"Your code: a1b2c3":                         "a1b2c3",
			"Steam code R4N2F":                          "R4N2F",
			"Your code is AB1-2CD":                      "AB1-2CD",
			"Your code is COVID-19":                     "COVID-19", // nothing says that it is none
			"COVID-19 notice: no code today":            "",
			"Sent to your iPhone12":                     "",
			"Login with 2FA: 482913":                    "482913",
			"MP4A is a format, 482913 the code":         "482913",
			"Confirm by sending K9":                     "",
			"Your verification code is X7K9 (Acme Ltd)": "X7K9",
		},
		"scripts without borders between words, and other digits": {
			"您的验证码是123456,5分钟内有效。":                                "123456",
			"【微信】123456是您的验证码,请勿泄露":                               "123456",
			"驗證碼：9081，請於1440分鐘內輸入":                                "9081",
			"認証コードは1234です":                                        "1234",
			"確認コード:A1B2C3をご入力ください":                                "A1B2C3",
			"인증번호 [482913]를 입력해주세요":                               "482913",
			"인증번호는 482913입니다":                                     "482913",
			"รหัส OTP ของคุณคือ 482913":                           "482913",
			"รหัสยืนยัน482913หมดอายุใน5นาที":                      "482913",
			"رمز التحقق الخاص بك هو ٤٨٢٩١٣":                       "482913",
			"کد تایید شما: ۴۸۲۹۱۳":                                "482913",
			"קוד האימות שלך הוא \u200e482913\u200e":               "482913",
			"आपका ओटीपी ४८२९१३ है":                                "482913",
			"验证码：４８２９１３":                                          "482913",
			"2024年5月1日 验证码 4821":                                  "4821",
			"Код: 4821":                                           "4821",
			"Ваш код подтверждения 4821. Никому его не сообщайте": "4821",
			"Ваш пін 4821":                                        "4821",
			"Ο κωδικός σας είναι 4821":                            "4821",
			"Mã xác nhận của bạn là 482913":                       "482913",
			"Kode verifikasi Anda adalah 482913":                  "482913",
			"Doğrulama kodunuz: 482913":                           "482913",
			"Din verifieringskod är 482913":                       "482913",
			"Ihr Sicherheitscode lautet 482913":                   "482913",
			"Votre code de vérification est 482913":               "482913",
			"Il tuo codice di verifica è 482913":                  "482913",
			"Seu código é 482913":                                 "482913",
			"Twój kod to 482913":                                  "482913",
			"Váš ověřovací kód je 482913":                         "482913",
		},
		"another sentence says less": {
			"No code here. 998877 likes! Use 4821 please":          "4821",
			"The code is old. 998877 visitors came. Enter 4821":    "4821",
			"Thanks for opening an account. 4821 is for the login": "4821",
			"旧コード。 998877 visitors, USE 4821":                      "4821",
			"Your code has been sent.\n482913":                     "482913",
			"Your code is v2.5 compatible: 4821":                   "4821",
			"A code! 998877? enter 4821":                           "4821",
		},
		"the nearer one, and rather behind the word than before it": {
			"9988 code 4821":                            "4821",
			"PIN for box 9988 and room 4821":            "9988",
			"Use 4821 for the door, 9988 is on the bag": "4821",
		},
		"words inside of words": {
			"Shipping 998877, pin 4821":            "4821",
			"House 5512, enter 4821":               "4821",
			"998877 people. Confirmation 4821":     "4821",
			"998877 people. Reconfirm. Enter 4821": "4821",
			"Codex 998877, use 4821":               "4821",
			"998877 hus. Säkerhetskod 4821":        "4821",
			"Kodak 998877, use 4821":               "4821",
			"998877 x. Passwords: 4821":            "4821",
			"998877 x. Authcode 4821":              "4821",
			"Spotp 998877, use 4821":               "4821",
			"Discard 4821":                         "4821",
			"Cards 4821":                           "",
			"Card 4821":                            "",
		},
		"in parts": {
			"Code 12 34 56":        "123456",
			"Room 12 34 56":        "",
			"Room 1234-5678":       "",
			"Room 1234 5678":       "",
			"Code AB12-CD34":       "AB12-CD34",
			"Room AB12-CD34":       "",
			"Code ABC-DEF":         "",
			"Code 123-4567":        "1234567",
			"Code 12-34-56-78":     "",
			"Code ABCDEF-1":        "",
			"Code FB-4821":         "4821",
			"Code FB-482":          "FB-482",
			"Code ab-4821":         "4821",
			"Pay 123-456 USD code": "",
			"Code 1234 5 67":       "1234",
		},
		"spaces and dashes of all kinds": {
			"Code 123\u00a0456":        "123456",
			"Code 123–456":             "123456",
			"Code −123456":             "123456",
			"Code 𝟏𝟐𝟑𝟒":                "1234",
			"Code 12\u200b34\u00ad56":  "123456",
			"Ring (555) 1234, code 77": "",
			"Code 4821 (Acme)":         "4821",
			"Code (4821)":              "4821",
		},
		"a line for the browser leaves nothing to guess": {
			"Your Acme code is 111111 or so.\n\n@acme.example #747723": "747723",
			"4821 items\n@acme.example #A7-99":                         "A7-99",
		},
		"nothing": {
			"":                    "",
			"Welcome to Acme!":    "",
			"code":                "",
			"Your code: \xff\xfe": "",
			"\x00\x00\u200b":      "",
			"Version 1.2.3.4":     "",
			"Call 911":            "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for text, want := range group {
				if got := Find(text); got != want {
					t.Errorf("%q: got %q, want %q", text, got, want)
				}
			}
		})
	}
}

func TestFindDigitsTakesOnlyThatMany(t *testing.T) {
	const text = "Acme 482913: your code is 5678, ref 99887766, box 12345"
	require.Equal(t, "5678", FindDigits(text, 4))
	require.Empty(t, FindDigits(text, 5))
	require.Equal(t, "482913", FindDigits(text, 6))
	require.Equal(t, "4820193756", FindDigits("Code 5678, code 4820193756", 10))
	require.Empty(t, FindDigits(text, 7))
	require.Empty(t, FindDigits(text, 8), "the reference is no code")
	require.Empty(t, FindDigits("Your code is A1B2", 4))
	require.Equal(t, "123456", FindDigits("Code 123-456", 6))
}

func FuzzFind(f *testing.F) {
	f.Add("Your code is 5678")
	f.Add("您的验证码是123456,5分钟内有效")
	f.Add("@a.b #1\xff 12-34-56 ٤٨٢٩١٣ AB1-2CD +1 (555) 123")
	f.Add("code: QWERTY 1 2 3 4 G-123456 OTP1234 [LINE4] *1234*")
	f.Fuzz(func(t *testing.T, text string) {
		requireToken(t, text, Find(text))
		for n := 3; n < 11; n++ {
			digits := FindDigits(text, n)
			require.True(t, digits == "" || len(digits) == n && isDigits(digits))
			requireToken(t, text, digits)
		}
	})
}

// requireToken requires that a code stands in a text as a whole, apart from the
// spaces and dashes between its characters.
func requireToken(t *testing.T, text, code string) {
	t.Helper()
	if code == "" {
		return
	}
	require.Regexp(t, `^[A-Za-z0-9-]+$`, code)
	parts := strings.Join(strings.Split(regexp.QuoteMeta(code), ""), "[ -]{0,3}")
	require.Regexp(t, `(^|[^0-9])`+parts+`($|[^A-Za-z0-9])`, normalize(text))
}

// readMessages reads a table of testdata: language, text and code, "-" for none.
func readMessages(t *testing.T, name string) [][3]string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var rows [][3]string
	unescape := strings.NewReplacer(`\n`, "\n", `\u200e`, "\u200e", `\u200f`, "\u200f")
	for line := range strings.Lines(string(file)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, fields, 3, line)
		if fields[2] == "-" {
			fields[2] = ""
		}
		rows = append(rows, [3]string{fields[0], unescape.Replace(fields[1]), fields[2]})
	}
	return rows
}

// The messages of heldback.tsv were written before the finder was tuned, and it
// was tuned without them.
func TestMessages(t *testing.T) {
	for _, name := range []string{"messages.tsv", "heldback.tsv"} {
		t.Run(name, func(t *testing.T) {
			rows, right := readMessages(t, name), 0
			languages := map[string]bool{}
			for _, row := range rows {
				language, text, want := row[0], row[1], row[2]
				languages[language] = true
				switch got := Find(text); {
				case got == want:
					right++
				case got == "":
					t.Logf("%s: nothing found in %q, want %q", language, text, want)
				default:
					t.Errorf("%s: got %q in %q, want %q", language, got, text, want)
				}
			}
			t.Logf("%d of %d messages in %d languages are right", right, len(rows), len(languages))
			require.GreaterOrEqual(t, right*100, len(rows)*98)
			require.GreaterOrEqual(t, len(languages), 30)
		})
	}
}

// A candidate looks at a stretch of the text that does not grow with it. Whatever is
// repeated, the work is in proportion to the length.
func TestLongTexts(t *testing.T) {
	for _, piece := range []string{
		"code ", "code: ABCD ", "1234 ", "1 ", "123456 is ", "a.", "a@", "a@b.c ", "a.bc/", " ", "www.", "http", "x-", "验证码", "1234码",
		"é1", "Sie 1234, Ihr ", "code", "1", "A1", "(555) ", "\n1234\n", "...", "رمز 1234 ", "1234, ", "code\n1234x\n",
	} {
		const length = 100_000
		m := parse(normalize(strings.Repeat(piece, length/len(piece))))
		m.best(m.candidates())
		require.LessOrEqual(t, m.read, 2*farReach*(len(m.tokens)+1), piece)
		short := parse(normalize(strings.Repeat(piece, length/len(piece)/10)))
		short.best(short.candidates())
		require.LessOrEqual(t, m.read, 11*short.read+2*farReach, "%q: ten times the length", piece)
	}
}

func BenchmarkFind(b *testing.B) {
	for name, text := range map[string]string{
		"short": "Your Acme verification code is 123456. Do not share it.", "emoji": strings.Repeat("😀", 10_000), "codes": strings.Repeat("code 123456, ", 770), "letters": strings.Repeat("A ", 5000),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Find(text)
			}
		})
	}
}
