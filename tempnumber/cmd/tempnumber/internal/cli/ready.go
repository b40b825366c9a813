package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// readyTime is how long ready waits unless --timeout says otherwise.
const readyTime = 10 * time.Second

func (p *program) readyCommand() *cobra.Command {
	timeout := readyTime.String()
	cmd := &cobra.Command{
		Use:     "ready URL",
		Short:   "Wait until tempnumber mock answers",
		GroupID: groupOffline,
		Long: `Wait until tempnumber mock answers at a URL, for health checks and start scripts. It
prints nothing. With --timeout 0s it asks once.

  tempnumber ready http://127.0.0.1:8025 && npm test`,
		Args: exactly(1, "the URL of the mock"),
		RunE: func(cmd *cobra.Command, args []string) error {
			box, err := control.NewClient(args[0])
			if err != nil {
				return usage("%q is no URL; write it like http://127.0.0.1:8025", args[0])
			}
			patience, err := setting{"--timeout", timeout}.duration()
			if err != nil {
				return err
			}
			return awaitReady(cmd.Context(), box, patience)
		},
	}
	cmd.Flags().StringVar(&timeout, "timeout", timeout, "give up after so much `TIME`")
	return cmd
}

// awaitReady asks until there is an answer, and at least once.
func awaitReady(ctx context.Context, box *control.Client, patience time.Duration) error {
	over := time.Now().Add(patience)
	for {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := box.Healthy(attempt)
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !time.Now().Before(over) {
			return fmt.Errorf("it is not ready: %w", err)
		}
		timer := time.NewTimer(100 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
