// Command packaging builds what is released of the tool: binaries and their archives, Debian packages, npm
// packages, what a container image is made of, lists of parts (SBOM) and checksums. It is started by make dist.
//
// The same source and the same Go give the same bytes, on any machine: nothing depends on the clock, on
// where the checkout is or on the order of a directory. Files are as old as the release, which is the date
// in CHANGELOG.md.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Tools that are written in Go are run at these versions.
const (
	nfpm      = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2"
	cyclonedx = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"
)

// What a binary and its archive may weigh, in bytes. People wait for the download at each run of their CI.
const (
	mostBinary  = 14_000_000
	mostArchive = 6_000_000
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	version := flag.String("version", "v"+tempnumber.Version, "the `TAG` that is released; it must be the version in the code")
	out := flag.String("o", "dist", "write into this `DIR`, which is made anew")
	flag.Parse()
	if err := run(ctx, *version, *out); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// release is one release on its way.
type release struct {
	ctx     context.Context //nolint:containedctx // of the whole run of the program, which does one thing
	version string          // without the v
	date    time.Time       // how old every file is
	source  string          // the root of the checkout
	here    string          // this directory in it
	out     string          // where everything is written
	work    string          // a directory for what is not released
}

// run builds everything into out.
func run(ctx context.Context, tag, out string) error {
	if tag != "v"+tempnumber.Version {
		return fmt.Errorf("VERSION is %s, but the code says v%s; change Version in tempnumber/options.go, "+
			"give CHANGELOG.md a section of that version, and tag that commit", tag, tempnumber.Version)
	}
	root, err := output(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}"))
	if err != nil {
		return err
	}
	r := &release{ctx: ctx, version: tempnumber.Version, source: strings.TrimSpace(string(root))}
	r.here = filepath.Join(r.source, "tempnumber", "cmd", "tempnumber", "packaging")
	if r.date, err = r.dateOf(filepath.Join(r.source, "CHANGELOG.md")); err != nil {
		return err
	}
	if r.out, err = emptied(out); err != nil {
		return err
	}
	if r.work, err = os.MkdirTemp("", "packaging-"); err != nil {
		return err
	}
	return errors.Join(r.build(), os.RemoveAll(r.work))
}

// build makes all parts, one after the other: the compiler keeps every core busy by itself.
func (r *release) build() error {
	common, err := r.commonFiles()
	if err != nil {
		return err
	}
	var binaries []binary
	for _, t := range targets() {
		b, err := r.compile(t)
		if err != nil {
			return err
		}
		binaries = append(binaries, b)
	}
	for _, b := range binaries {
		if err := errors.Join(r.archive(b, common), r.partsList(b)); err != nil {
			return err
		}
	}
	if err := errors.Join(r.debianPackages(binaries, common), r.npmPackages(binaries, common),
		r.image(binaries, common), r.fixtures()); err != nil {
		return err
	}
	return errors.Join(r.checksums(), r.setDates())
}

// setDates makes what was written as old as the release, for those who pack it up again.
func (r *release) setDates() error {
	return filepath.WalkDir(r.out, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(name, r.date, r.date) //nolint:gosec // nobody else writes there
	})
}

// dateOf returns the date of this version in the changelog, as "## 0.1.0 - 2026-11-30".
func (r *release) dateOf(changelog string) (time.Time, error) {
	text, err := os.ReadFile(changelog) //nolint:gosec // in the checkout
	if err != nil {
		return time.Time{}, err
	}
	heading := regexp.MustCompile(`(?m)^## ` + regexp.QuoteMeta(r.version) + ` - (\d{4}-\d\d-\d\d)$`)
	found := heading.FindSubmatch(text)
	if found == nil {
		return time.Time{}, fmt.Errorf("CHANGELOG.md has no section \"## %s - YYYY-MM-DD\"", r.version)
	}
	return time.Parse(time.DateOnly, string(found[1]))
}

// emptied makes an empty directory. It empties only what an earlier run has written.
func emptied(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, sums)); err != nil {
			return "", fmt.Errorf("%s is not empty and has no %s, so it was not written by this program; remove it or name another directory", dir, sums)
		}
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // what is released is for everybody
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, sums), nil, 0o644) //nolint:gosec // as above
}

// sums is the file with the checksums of all that is beside it, in the form that sha256sum checks. It is
// complete at the end, and there from the start as the sign that the directory is this program's.
const sums = "SHA256SUMS"

// checksums writes the sums of the files in the output directory; its subdirectories go elsewhere, to npm
// and into an image.
func (r *release) checksums() error {
	entries, err := os.ReadDir(r.out) // in the order of their names
	if err != nil {
		return err
	}
	var list bytes.Buffer
	for _, entry := range entries {
		if entry.IsDir() || entry.Name() == sums {
			continue
		}
		data, err := os.ReadFile(filepath.Join(r.out, entry.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(data), entry.Name())
	}
	return os.WriteFile(filepath.Join(r.out, sums), list.Bytes(), 0o644) //nolint:gosec // as above
}

// fixtures copies the fixture for pytest, which is one file that people put beside their tests.
func (r *release) fixtures() error {
	data, err := os.ReadFile(filepath.Join(r.here, "pytest", "pytest_tempnumber.py"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, "pytest_tempnumber.py"), data, 0o644) //nolint:gosec // as above
}

// output runs a command and returns what it writes to standard output. Its standard error is in the error.
func output(cmd *exec.Cmd) ([]byte, error) {
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(problems.Bytes()))
	}
	return out.Bytes(), nil
}
