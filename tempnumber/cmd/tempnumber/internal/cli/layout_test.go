package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    []string
	}{
		{"one line", 0, []string{"one line"}},
		{"as  it is", 20, []string{"as  it is"}},
		{"no word is broken in its middle", 20, []string{"no word is broken in", "its middle"}},
		{"but one longer than a whole line, https://example.com/abc", 16, []string{"but one longer", "than a whole", "line,", "https://example.", "com/abc"}},
		{"验证码验证码验证码验证码", 16, []string{"验证码验证码验证", "码验证码"}},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301 e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", 16, []string{strings.Repeat("e\u0301", 8) + " " + strings.Repeat("e\u0301", 7)}},
		{"👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 16, []string{strings.Repeat("👨‍👩‍👧", 8), "👨‍👩‍👧"}},
	} {
		require.Equal(t, c.want, wrap(c.text, c.columns), c.text)
	}
}

func TestCut(t *testing.T) {
	require.Equal(t, "whole", cut("whole", 5))
	require.Equal(t, "who…", cut("whole", 4))
	require.Equal(t, "验…", cut("验证码", 4), "half a character is not shown")
	require.Equal(t, "…", cut("验证码", 1))
}

func TestReflow(t *testing.T) {
	text := "A paragraph of some words\nover two lines.\n\n  an indented line, such as a command\n  short\n"
	require.Equal(t, text, reflow(text, 0))
	require.Equal(t, text, reflow(text, 80))
	require.Equal(t, "A paragraph of some\nwords over two\nlines.\n\n  an indented line, such as a command\n  short\n", reflow(text, 20), "a command can be copied")
	require.Equal(t, "  one  the first of\n       some things\n  two  another\n", reflow("  one  the first of some things\n  two  another\n", 23))
	require.Equal(t, "  long-variable\n    flag; what it is\n    good for", reflow("  long-variable  flag  what it is good for", 20))
}

func TestTableWideCharacters(t *testing.T) {
	table := table{header: []string{"NAME", "PRICE"}, right: []bool{1: true}}
	table.add("短信验证码", "1")
	table.add("cafe\u0301", "12")
	var b strings.Builder
	left, err := table.write(&b)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, "NAME        PRICE\n短信验证码      1\ncafe\u0301           12\n", b.String())
}

func TestTableFit(t *testing.T) {
	widths := func() []int { return []int{5, 12, 14} }
	table := table{header: []string{"ID", "NAME", "NUMBER"}, narrow: []int{1}, drop: []int{1}}
	for room, want := range map[int]struct {
		widths []int
		left   []string
	}{
		35: {[]int{5, 12, 14}, nil},
		34: {[]int{5, 11, 14}, nil},
		31: {[]int{5, 8, 14}, nil},
		30: {[]int{5, 12, 14}, []string{"NAME"}},
		10: {[]int{5, 12, 14}, []string{"NAME"}},
	} {
		w, shown := widths(), []bool{true, true, true}
		require.Equal(t, want.left, table.fit(w, shown, room), room)
		require.Equal(t, want.widths, w, room)
		require.Equal(t, want.left == nil, shown[1], room)
	}
}
