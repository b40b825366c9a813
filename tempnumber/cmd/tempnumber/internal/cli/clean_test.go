package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                       "plain",
		"two\r\nlines\tand\u2028more": "two  lines and more",
		"\x1b[2J\u009b2J\x7f":         "·[2J·2J·",
		"\u202eabc\u2066\u200f\ufeff": "·abc··" + "·",
		"\U000e0041tag":               "·tag",
		"\xff":                        "·",
		"👨\u200d👩\u200d👧 می\u200cخواهم":      "👨\u200d👩\u200d👧 می\u200cخواهم",
		"code 482913 für Müller, 验证码 482913": "code 482913 für Müller, 验证码 482913",
	} {
		require.Equal(t, want, visible(text), "%q", text)
	}
}

func TestCell(t *testing.T) {
	for text, want := range map[string]string{
		"":                "",
		"plain":           "plain",
		"+18454123223":    "+18454123223",
		"+1 845-412-3223": "+1 845-412-3223",
		"-0.5":            "-0.5",
		"=1+1":            "'=1+1",
		"@SUM(A1)":        "'@SUM(A1)",
		"+cmd|' /C calc":  "'+cmd|' /C calc",
		"-cmd":            "'-cmd",
		"-":               "'-",
		" \n=1":           "' \n=1",
		"a\r\nb\x1b":      "a\nb·",
	} {
		require.Equal(t, want, cell(text), "%q", text)
	}
}

// Escapes change the form of JSON and nothing of what it means.
func TestEscapeHidden(t *testing.T) {
	for _, text := range []string{
		"plain", "\u009b2J\x7f", "\u202e\u2066", "###[error]", "##[a##[b", "\U000e0041", "·", "e\u0301\n", "\ufffd", "\"\\",
	} {
		var b bytes.Buffer
		require.NoError(t, writeJSON(&b, text, ""))
		require.False(t, strings.ContainsFunc(strings.TrimRight(b.String(), "\n"), func(r rune) bool { return r != '·' && r != '\ufffd' && visibleRune(r) == '·' }), b.String())
		require.NotContains(t, b.String(), "##[")
		var back string
		require.NoError(t, json.Unmarshal(b.Bytes(), &back))
		require.Equal(t, text, back)
	}
}

func TestDefusingWriter(t *testing.T) {
	var b bytes.Buffer
	w := defusingWriter{&b}
	text := "::add-mask::x\n  ::b\nc ::d\n##[e]f ##[g]\n"
	n, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.Equal(t, len(text), n)
	require.Equal(t, "\\::add-mask::x\n  \\::b\nc ::d\n#\\#[e]f #\\#[g]\n", b.String())
}
