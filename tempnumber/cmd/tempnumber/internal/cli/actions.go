package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// mask asks the runner of GitHub Actions to blot secrets out of the log. The lines
// go to standard error, whose lines the runner obeys as those of standard output:
// that one is the answer alone, and in CODE=$(tempnumber wait 12312) the runner
// would not even see it.
func (p *program) mask(secrets ...string) {
	if !p.env.inActions() {
		return
	}
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	slices.Sort(secrets)
	for _, secret := range slices.Compact(secrets) {
		if secret != "" {
			_, _ = fmt.Fprintf(p.env.rawStderr, "::add-mask::%s\n", escape.Replace(secret))
		}
	}
}

// stepOutput hands values on to the next steps of a GitHub Actions job. A nil
// stepOutput does nothing.
type stepOutput struct{ file *os.File }

// openStepOutput opens the file of the step's outputs. It is opened before
// anything is bought.
func (p *program) openStepOutput() (*stepOutput, error) {
	path := p.env.Getenv("GITHUB_OUTPUT")
	if path == "" {
		return nil, usage("--github-output: GITHUB_OUTPUT is not set; the flag is for steps of GitHub Actions")
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the runner says which file
	if err != nil {
		return nil, usageError{fmt.Errorf("--github-output: %w", err)}
	}
	return &stepOutput{file}, nil
}

// set writes one output.
func (o *stepOutput) set(name, value string) error {
	if o == nil {
		return nil
	}
	line := name + "=" + value
	if strings.ContainsAny(value, "\r\n") {
		// The end of a value with line ends must not be in it: an SMS could forge
		// other outputs.
		end := "END_" + rand.Text()
		line = name + "<<" + end + "\n" + value + "\n" + end
	}
	if _, err := fmt.Fprintln(o.file, line); err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return fmt.Errorf("--github-output cannot be written: %w", err)
	}
	return nil
}

// setAll writes outputs, given by name and value in turn.
func (o *stepOutput) setAll(namesAndValues ...string) error {
	for pair := range slices.Chunk(namesAndValues, 2) {
		if err := o.set(pair[0], pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// close closes the file. What was set is in it already.
func (o *stepOutput) close() {
	if o != nil {
		_ = o.file.Close()
	}
}
