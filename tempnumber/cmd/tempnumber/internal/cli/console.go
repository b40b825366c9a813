package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// console is standard error, for what people read beside the answer: lines that
// stay, and on a terminal one live line below them. Requests in the background
// write to it too.
type console struct {
	quiet bool
	live  bool // a live line can be shown
	style style

	mu    sync.Mutex
	w     io.Writer
	shown bool // a live line is on the screen
	over  bool // the command has failed, and its error is the last that is said
}

func newConsole(env Env, quiet bool) *console {
	screen := terminal(env.Stderr) != nil && env.Getenv("TERM") != "dumb"
	return &console{
		quiet: quiet,
		live:  screen && !quiet && !env.inCI(),
		style: env.styleOf(env.Stderr),
		w:     env.Stderr,
	}
}

// note writes a line that stays, unless nothing but errors is wanted. What is in it
// from outside cannot drive a terminal. It reports whether the line was written.
func (c *console) note(format string, args ...any) bool {
	var lines []string
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		lines = append(lines, hanging("", visible(line), c.columns()))
	}
	return c.write(strings.Join(lines, "\n"))
}

// write writes lines that stay, as they are.
func (c *console) write(lines string) bool {
	if c.quiet {
		return false
	}
	_, err := c.Write([]byte(lines + "\n"))
	return err == nil
}

// Write writes whole lines, above the live line. It is for what is said even when
// the console is quiet.
func (c *console) Write(lines []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return len(lines), nil
	}
	c.wipe()
	return c.w.Write(lines)
}

// last writes an error, after which nothing more is said.
func (c *console) last(lines string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wipe()
	c.over = true
	_, err := io.WriteString(c.w, lines)
	return err
}

// columns returns the width of the terminal, 0 for none.
func (c *console) columns() int { return columns(c.w) }

// show puts a text into the live line.
func (c *console) show(text string) {
	if !c.live {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.wipe()
	if width := c.columns(); width > 1 {
		text = cut(text, width-1) // a line that wraps could not be wiped
	}
	_, _ = io.WriteString(c.w, c.style.dim(text))
	c.shown = true
}

// clear takes the live line away.
func (c *console) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wipe()
}

func (c *console) wipe() {
	if c.shown {
		_, _ = io.WriteString(c.w, "\r\x1b[K")
		c.shown = false
	}
}
