package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxKey is how much of standard input is read for a key.
const maxKey = 4 << 10

// key finds the API key. It is in no error.
func (p *program) key() (string, error) {
	if p.flags.keyStdin {
		return p.keyFromStdin()
	}
	if key := strings.TrimSpace(p.env.Getenv("TEMPNUMBER_API_KEY")); key != "" {
		return key, nil
	}
	if p.settings.file.APIKey != "" {
		return p.settings.file.APIKey, nil
	}
	if p.noMock {
		return "", usage("there is no API key; store one with tempnumber login or set TEMPNUMBER_API_KEY")
	}
	return "", usage("there is no API key; store one with tempnumber login, set TEMPNUMBER_API_KEY, or try it with --mock")
}

// keyFromStdin reads the key from standard input; from a terminal without showing it.
func (p *program) keyFromStdin() (string, error) {
	if file := terminal(p.env.Stdin); file != nil {
		return p.keyFromTerminal(file)
	}
	key, err := io.ReadAll(io.LimitReader(p.env.Stdin, maxKey))
	if err != nil {
		return "", fmt.Errorf("the key cannot be read from standard input: %w", err)
	}
	if len(strings.TrimSpace(string(key))) == 0 {
		return "", usage("there is no key on standard input")
	}
	return string(key), nil
}

// keyFromTerminal asks for the key. It asks only when the terminal shows no more
// what is typed.
func (p *program) keyFromTerminal(keyboard *os.File) (string, error) {
	before, err := term.MakeRaw(int(keyboard.Fd()))
	if err != nil {
		return "", fmt.Errorf("the key cannot be read from the terminal: %w", err)
	}
	defer func() { _ = term.Restore(int(keyboard.Fd()), before) }()
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keyboard, p.env.Stderr}, "")
	key, err := screen.ReadPassword("API key: ")
	if err != nil { // Ctrl-C and Ctrl-D as well
		return "", usage("no key was typed")
	}
	return key, nil
}
