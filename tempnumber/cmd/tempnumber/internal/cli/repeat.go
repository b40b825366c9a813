package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// repeatFlag adds --watch to a command.
func repeatFlag(cmd *cobra.Command, watch *bool, every time.Duration) {
	cmd.Flags().BoolVar(watch, "watch", false, fmt.Sprintf("look again every %v and show what changes, until Ctrl-C", every))
}

// repeat runs a look, at once and then every so often, until it says that it is
// done or the command is interrupted. On a terminal each look takes the place of
// the one before; elsewhere only what changed is written.
func (p *program) repeat(ctx context.Context, every time.Duration, look func() (done bool, err error)) error {
	if p.settings.format == formatJSON || p.settings.format == formatCSV {
		return usage("--watch prints more than one answer, and --output %s is one; use -o jsonl", p.settings.format)
	}
	out := p.env.Stdout
	defer func() { p.env.Stdout = out }()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	before, lines := "", 0
	for {
		f := &frame{file: terminal(out)}
		p.env.Stdout = f
		done, err := look()
		p.env.Stdout = out
		if err != nil {
			return p.endOfRepeat(ctx, err)
		}
		if text := f.String(); text != before {
			erase := ""
			if f.file != nil && lines > 0 {
				erase = fmt.Sprintf("\x1b[%dA\x1b[J", lines)
			}
			p.console.clear()
			if _, err := io.WriteString(out, erase+text); err != nil {
				return outputFailure(err)
			}
			before, lines = text, strings.Count(text, "\n")
		}
		if done {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return p.endOfRepeat(ctx, ctx.Err())
		}
	}
}

// endOfRepeat makes the usual end of --watch, by Ctrl-C or --timeout, a success.
func (p *program) endOfRepeat(ctx context.Context, err error) error {
	ended := ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) && p.settings.timeout > 0
	if !ended {
		return err
	}
	return nil
}
