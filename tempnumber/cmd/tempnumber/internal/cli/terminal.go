package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// terminal returns the terminal behind a stream, nil when there is none.
func terminal(stream any) *os.File {
	if s, ok := stream.(interface{ screen() *os.File }); ok {
		return s.screen()
	}
	if f, ok := stream.(*os.File); ok && isTerminal(f) {
		return f
	}
	return nil
}

// inCI reports whether the program runs in a CI job.
func (e Env) inCI() bool {
	ci := e.Getenv("CI")
	return ci != "" && ci != "false" && ci != "0" || e.inActions()
}

// inActions reports whether the program runs in GitHub Actions.
func (e Env) inActions() bool { return e.Getenv("GITHUB_ACTIONS") == "true" }

// style writes with a terminal's colours, or without. The zero style is without.
type style struct{ on bool }

// styleOf returns the style for a stream.
func (e Env) styleOf(stream io.Writer) style {
	return style{terminal(stream) != nil && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb"}
}

func (s style) wrap(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.wrap("1", text) }

func (s style) dim(text string) string { return s.wrap("2", text) }

func (s style) red(text string) string { return s.wrap("31", text) }

// marked is for what people look for.
func (s style) marked(text string) string { return s.wrap("1;32", text) }

func (s style) green(text string) string { return s.wrap("32", text) }
