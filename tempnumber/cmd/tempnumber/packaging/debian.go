package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"time"
)

// homepage is where everything about the project is.
const homepage = "https://github.com/tempnumber/tempnumber-go"

// summary is what the packages say of themselves in a line.
const summary = "Rent temporary phone numbers and read the codes sent to them"

// nfpmConfig is as much of nfpm's configuration as is needed. JSON is YAML.
type nfpmConfig struct {
	Name        string        `json:"name"`
	Arch        string        `json:"arch"`
	Platform    string        `json:"platform"`
	Version     string        `json:"version"`
	Section     string        `json:"section"`
	Priority    string        `json:"priority"`
	Maintainer  string        `json:"maintainer"`
	Description string        `json:"description"`
	Homepage    string        `json:"homepage"`
	MTime       time.Time     `json:"mtime"`
	Contents    []nfpmContent `json:"contents"`
}

// nfpmContent is a file of the package.
type nfpmContent struct {
	Source      string       `json:"src"`
	Destination string       `json:"dst"`
	Info        nfpmFileInfo `json:"file_info"`
}

// nfpmFileInfo is how a file is installed.
type nfpmFileInfo struct {
	Mode  uint32    `json:"mode"`
	MTime time.Time `json:"mtime"`
}

// debianPackages writes a .deb for each Linux.
func (r *release) debianPackages(binaries []binary, common files) error {
	changes, err := os.ReadFile(filepath.Join(r.source, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	for _, b := range binaries {
		if b.goos == "linux" {
			err = errors.Join(err, r.debianPackage(b, common, changes))
		}
	}
	return err
}

// debianPackage writes the .deb of one binary, with each file where Debian wants it.
func (r *release) debianPackage(b binary, common files, changes []byte) error {
	copyright := fmt.Appendf(nil, "%s\nApache-2.0:\n\n%s\n\n%s", homepage, common["LICENSE"].data, common[noticesFile].data)
	tree := files{
		"/usr/bin/tempnumber":                                  file{b.data, 0o755},
		"/usr/share/doc/tempnumber/copyright":                  file{copyright, 0o644},
		"/usr/share/bash-completion/completions/tempnumber":    common["completions/tempnumber.bash"],
		"/usr/share/zsh/vendor-completions/_tempnumber":        common["completions/_tempnumber"],
		"/usr/share/fish/vendor_completions.d/tempnumber.fish": common["completions/tempnumber.fish"],
	}
	compressed := files{"/usr/share/doc/tempnumber/changelog.gz": file{changes, 0o644}}
	for name, f := range common {
		if path.Dir(name) == "man/man1" {
			compressed["/usr/share/"+name+".gz"] = f
		}
	}
	for name, f := range compressed {
		data, err := gzipped(f.data)
		if err != nil {
			return err
		}
		tree[name] = file{data, f.mode}
	}

	config := nfpmConfig{
		Name: "tempnumber", Arch: b.goarch, Platform: "linux", Version: r.version, Section: "utils", Priority: "optional",
		Maintainer: "The maintainers of tempnumber-go <" + homepage + "/issues>", Homepage: homepage, MTime: r.date,
		Description: summary + "\nNumbers and codes for tests of sign-ups and second factors by SMS, and the whole\nservice in a box, offline: tempnumber mock.",
	}
	root := filepath.Join(r.work, "deb_"+b.goarch)
	for _, name := range tree.names() {
		source := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(source), 0o700), os.WriteFile(source, tree[name].data, 0o600)); err != nil {
			return err
		}
		config.Contents = append(config.Contents, nfpmContent{source, name, nfpmFileInfo{uint32(tree[name].mode), r.date}})
	}
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	configFile := filepath.Join(root, "nfpm.yaml")
	if err := os.WriteFile(configFile, text, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(r.ctx, "go", "run", "-buildvcs=false", nfpm, "package", "--packager", "deb", "--config", configFile, //nolint:gosec // fixed arguments and our own paths
		"--target", filepath.Join(r.out, "tempnumber_"+r.version+"_"+b.goarch+".deb"))
	cmd.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0", fmt.Sprint("SOURCE_DATE_EPOCH=", r.date.Unix()))
	_, err = output(cmd)
	return err
}
