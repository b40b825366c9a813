package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a directory",
		Long: `Write the manual pages, one for each command and topic of help, into a directory, such
as ~/.local/share/man/man1. Then man tempnumber-receive shows them.`,
		Example: "  tempnumber man ~/.local/share/man/man1\n  tempnumber man . && man ./tempnumber.1",
		Args:    exactly(1, "a directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // manual pages are for everybody
				return err
			}
			count := 0
			for _, c := range append([]*cobra.Command{cmd.Root()}, cmd.Root().Commands()...) {
				if c.Hidden || c.Name() == "help" {
					continue
				}
				if err := os.WriteFile(filepath.Join(args[0], manName(c)+".1"), []byte(manPage(c)), 0o644); err != nil { //nolint:gosec // as above
					return err
				}
				count++
			}
			p.console.note("%d pages written", count)
			return nil
		},
	}
}

// manName returns the name of a command's page, "tempnumber-receive".
func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage returns the manual page of a command in the language of troff.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %q 1 \"\" %q \"Temporary phone numbers\"\n", strings.ToUpper(manName(c)), troff("tempnumber "+tempnumber.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", troff(manName(c)), troff(lowerFirst(c.Short)))
	if c.Runnable() {
		fmt.Fprintf(&b, ".SH SYNOPSIS\n.nf\n%s\n.fi\n", troff(c.UseLine()))
	}
	b.WriteString(".SH DESCRIPTION\n" + manText(c.Long))
	if c.Example != "" {
		b.WriteString(".SH EXAMPLES\n" + manText(c.Example))
	}
	if c.HasParent() {
		manFlags(&b, "OPTIONS", c.NonInheritedFlags())
		manFlags(&b, "OPTIONS OF ALL COMMANDS", c.InheritedFlags())
	} else {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() && sub.Name() != "help" {
				fmt.Fprintf(&b, ".TP\n.BR %s (1)\n%s\n", troff(manName(sub)), troff(sub.Short))
			}
		}
		manFlags(&b, "OPTIONS OF ALL COMMANDS", c.PersistentFlags())
	}
	b.WriteString(".SH SEE ALSO\n")
	var others []string
	for _, other := range append([]*cobra.Command{c.Root()}, c.Root().Commands()...) {
		if other != c && !other.Hidden && other.Name() != "help" {
			others = append(others, ".BR "+troff(manName(other))+" (1)")
		}
	}
	b.WriteString(strings.Join(others, ",\n") + "\n")
	return b.String()
}

// manFlags describes flags.
func manFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	b.WriteString(".SH " + title + "\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := `\fB` + troff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB` + troff("-"+f.Shorthand) + `\fR, ` + name
		}
		value, usage := pflag.UnquoteUsage(f)
		if value != "" {
			name += ` \fI` + troff(value) + `\fR`
		}
		fmt.Fprintf(b, ".TP\n%s\n%s\n", name, troff(usage))
	})
}

// manText writes paragraphs, and lines that are indented as they are.
func manText(text string) string {
	var b strings.Builder
	verbatim := false
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		if indented := strings.HasPrefix(line, " "); line != "" && indented != verbatim {
			b.WriteString(map[bool]string{true: ".PP\n.nf\n", false: ".fi\n.PP\n"}[indented])
			verbatim = indented
		}
		if line == "" {
			if !verbatim {
				b.WriteString(".PP\n")
			}
			continue
		}
		b.WriteString(troff(line) + "\n")
	}
	if verbatim {
		b.WriteString(".fi\n")
	}
	return b.String()
}

// troff writes a line of text so that troff takes nothing in it for a command.
func troff(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(line)
	if strings.HasPrefix(line, ".") {
		line = `\&` + line
	}
	return line
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
