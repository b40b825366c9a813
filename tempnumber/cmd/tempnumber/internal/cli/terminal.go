package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// terminal gives the terminal behind a stream, nil when there is none.
func terminal(stream any) *os.File {
	if f, ok := stream.(*os.File); ok && isTerminal(f) {
		return f
	}
	return nil
}

// inCI tells whether the program runs in a CI job.
func (w World) inCI() bool {
	ci := w.Getenv("CI")
	return ci != "" && ci != "false" && ci != "0" || w.inActions()
}

// inActions tells whether the program runs in GitHub Actions.
func (w World) inActions() bool { return w.Getenv("GITHUB_ACTIONS") == "true" }

// style writes with a terminal's colours, or without. The zero style is without.
type style struct{ on bool }

// styleOf gives the style for a stream.
func (w World) styleOf(stream io.Writer) style {
	return style{terminal(stream) != nil && w.Getenv("NO_COLOR") == "" && w.Getenv("TERM") != "dumb"}
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

func (s style) green(text string) string { return s.wrap("32", text) }
