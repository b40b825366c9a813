package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// serviceGroup marks the flags that say which service a command talks to. Help
// lists them after the command's own.
const serviceGroup = "tempnumber_service"

// helpWidth is how wide the texts of help are written.
const helpWidth = 88

// roomy is the least room for the text of a flag beside its name.
const roomy = 30

// writeHelp writes a command's help: what it is for, and how it is used.
func (p *program) writeHelp(w io.Writer, cmd *cobra.Command) {
	width := columns(w)
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	_, _ = fmt.Fprint(w, reflow(strings.TrimSpace(text), width)+"\n\n")
	if cmd.Runnable() || cmd.HasSubCommands() {
		p.writeUsage(w, cmd)
	}
}

// writeUsage writes how a command is used.
func (p *program) writeUsage(w io.Writer, cmd *cobra.Command) {
	width := columns(w)
	style := p.env.styleOf(w)
	var b strings.Builder
	section := func(title, text string) {
		if text = strings.TrimRight(text, "\n"); text != "" {
			b.WriteString(style.bold(title) + "\n" + text + "\n\n")
		}
	}
	if cmd.Runnable() {
		section("Usage:", hanging("  ", cmd.UseLine(), width))
	} else {
		section("Usage:", "  "+cmd.CommandPath()+" COMMAND [flags]")
	}
	section("Examples:", spaced(cmd.Example, width))
	for _, group := range cmd.Groups() {
		section(group.Title, commandList(cmd, width, func(c *cobra.Command) bool { return c.GroupID == group.ID && c.IsAvailableCommand() }))
	}
	if cmd.HasSubCommands() {
		section("Other commands:", commandList(cmd, width, func(c *cobra.Command) bool { return c.GroupID == "" && c.IsAvailableCommand() }))
		section("More help, tempnumber help TOPIC:", commandList(cmd, width, (*cobra.Command).IsAdditionalHelpTopicCommand))
	}
	own, service := pflag.NewFlagSet("", pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
	own.SortFlags, service.SortFlags = cmd.Flags().SortFlags, false
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		switch {
		case cmd.PersistentFlags().Lookup(f.Name) != nil && !cmd.HasParent():
		case f.Annotations[serviceGroup] != nil:
			service.AddFlag(f)
		default:
			own.AddFlag(f)
		}
	})
	section("Flags:", flagList(own, width))
	section("Which service:", flagList(service, width))
	inherited := cmd.InheritedFlags()
	if !cmd.HasParent() {
		inherited = cmd.PersistentFlags()
	}
	section("Flags of all commands:", flagList(inherited, width))
	_, _ = io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
}

// spaced puts a blank line between commands when one of them takes several lines of
// the terminal. Each stays one line, so that it can be copied.
func spaced(commands string, columns int) string {
	if columns <= 0 || widest(commands) <= columns {
		return commands
	}
	return strings.ReplaceAll(commands, "\n", "\n\n")
}

// commandList lists commands and what they are for.
func commandList(parent *cobra.Command, width int, wanted func(*cobra.Command) bool) string {
	longest := 0
	var found []*cobra.Command
	for _, c := range parent.Commands() {
		if wanted(c) {
			found = append(found, c)
			longest = max(longest, len(c.Name()))
		}
	}
	var b strings.Builder
	for _, c := range found {
		b.WriteString(hanging("  "+pad(c.Name(), longest)+"  ", c.Short, width) + "\n")
	}
	return b.String()
}

// flagList lists flags and what they are for.
func flagList(flags *pflag.FlagSet, width int) string {
	names := map[*pflag.Flag]string{}
	longest := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "      --" + f.Name
		if f.Shorthand != "" {
			name = "  -" + f.Shorthand + ", --" + f.Name
		}
		if value, _ := pflag.UnquoteUsage(f); value != "" {
			name += " " + value
		}
		names[f] = name
		longest = max(longest, len(name))
	})
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		name, ok := names[f]
		if !ok {
			return
		}
		_, usage := pflag.UnquoteUsage(f)
		wide := width
		if wide == 0 || wide > helpWidth {
			wide = helpWidth
		}
		label := pad(name, longest) + "   "
		if wide-len(label) < roomy { // the text has no room beside the name
			b.WriteString("  " + strings.TrimLeft(name, " ") + "\n" + hanging("    ", usage, wide) + "\n")
			return
		}
		b.WriteString(hanging(label, usage, wide) + "\n")
	})
	return b.String()
}

// helpCommand replaces cobra's, whose completion knows no topics.
func (p *program) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command or a topic",
		Long:  "Help about a command or a topic.",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
			found, _, err := cmd.Root().Find(args)
			if err != nil || found == nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var completions []cobra.Completion
			for _, c := range found.Commands() {
				if (c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand()) && strings.HasPrefix(c.Name(), word) {
					completions = append(completions, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return completions, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				var names []string
				for _, c := range cmd.Root().Commands() {
					names = append(names, c.Name())
				}
				problem := fmt.Sprintf("there is no help about %q", strings.Join(args, " "))
				if len(args) > 0 {
					if near := similar(args[0], names); len(near) > 0 {
						problem += "; did you mean " + strings.Join(near, " or ") + "?"
					}
				}
				return usage("%s", problem)
			}
			p.writeHelp(p.env.Stdout, found)
			return nil
		},
	}
}
