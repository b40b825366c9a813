package cli

import (
	"fmt"
	"io"
	"sync"

	"golang.org/x/term"
)

// console is standard error, for what people read beside the answer: lines that
// stay, and on a terminal one live line below them.
type console struct {
	quiet bool
	live  bool // a live line can be shown
	style style

	mu    sync.Mutex
	w     io.Writer
	shown bool // a live line is on the screen
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

// note writes a line that stays, unless nothing but errors is wanted. It reports
// whether the line was written.
func (c *console) note(format string, args ...any) bool {
	if c.quiet {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wipe()
	_, err := fmt.Fprintf(c.w, format+"\n", args...)
	return err == nil
}

// show puts a text into the live line.
func (c *console) show(text string) {
	if !c.live {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wipe()
	if f := terminal(c.w); f != nil {
		// A line that wraps could not be wiped.
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 1 && len(text) >= width {
			text = text[:width-1]
		}
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
