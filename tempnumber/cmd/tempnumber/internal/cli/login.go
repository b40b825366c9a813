package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) loginCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "login",
		Short:   "Check an API key and keep it in the config file",
		GroupID: groupAccount,
		Long: `Ask for the API key of your account without showing it, try it, and keep it in the
config file, which nobody but you can read. The key stands on the service's web site, in
your account under API. On a pipe the key is read from standard input.

With --base-url the address is kept too. In CI use the variable TEMPNUMBER_API_KEY
instead; it goes before the file.`,
		Example: "  tempnumber login\n  tempnumber login < key-file",
		Args:    exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.settings.mock {
				return usage("login with --mock: the built-in service needs no key")
			}
			path, _ := p.configPath()
			if path == "" {
				return usage("login: there is no home directory for the config file; name one by --config")
			}
			p.flags.keyStdin = true
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			b, err := p.client.Balance(ctx)
			if err != nil {
				return err
			}
			kept := [][2]string{{"api_key", p.apiKey}}
			if p.flags.baseURL != "" { // the key belongs to that service, and must not be sent to another
				kept = append(kept, [2]string{"base_url", p.flags.baseURL})
			}
			if err := keep(path, kept); err != nil {
				return fmt.Errorf("the key is good, but it cannot be kept: %w", err)
			}
			p.console.note("the key is good and kept in %s, for you alone", path)
			switch {
			case p.flags.baseURL != "":
				p.console.note("commands go to %s from now on", p.flags.baseURL)
			case p.env.Getenv("TEMPNUMBER_BASE_URL") != "":
				p.console.note("it is the key of %s, so leave TEMPNUMBER_BASE_URL set", p.settings.baseURL)
			}
			if p.env.Getenv("TEMPNUMBER_API_KEY") != "" {
				p.console.note("TEMPNUMBER_API_KEY is set as well, and goes before it")
			}
			return printOne(p, loginView{path, b.Available}, func(w io.Writer) error {
				if terminal(w) == nil {
					return nil
				}
				_, err := fmt.Fprintf(w, "%v dollars can be spent\n", b.Available)
				return err
			})
		},
	}
	p.serviceFlags(cmd)
	return cmd
}

// loginView says where the key is kept, as it is printed for programs.
type loginView struct {
	Config    string            `json:"config"`
	Available tempnumber.Amount `json:"available"`
}

// keep writes settings into the config file, and leaves the rest of it as it is.
// Another process never reads half a file.
func keep(path string, settings [][2]string) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // so that a link stays one
	}
	text, err := os.ReadFile(path) //nolint:gosec // the user says which file
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, setting := range settings {
		former := regexp.MustCompile(`(?m)^[ \t]*` + setting[0] + `[ \t]*=.*$`)
		line := []byte(setting[0] + ` = "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(setting[1]) + `"`)
		if former.Match(text) {
			text = former.ReplaceAllLiteral(text, line)
		} else {
			text = bytes.Join([][]byte{line, text}, []byte("\n"))
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".config-*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
