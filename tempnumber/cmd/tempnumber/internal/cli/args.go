package cli

import "github.com/spf13/cobra"

// exactly wants n arguments, and says what they are.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usage("%s wants %s; write it as: %s", cmd.Name(), what, cmd.UseLine())
	}
}
