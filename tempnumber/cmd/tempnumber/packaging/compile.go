package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// target is a kind of machine, by its names in Go, and in Node where they differ.
type target struct {
	goos, goarch    string
	nodeOS, nodeCPU string
}

// targets returns the kinds of machines that there are binaries for.
func targets() []target {
	return []target{
		{"darwin", "amd64", "darwin", "x64"},
		{"darwin", "arm64", "darwin", "arm64"},
		{"linux", "amd64", "linux", "x64"},
		{"linux", "arm64", "linux", "arm64"},
		{"windows", "amd64", "win32", "x64"},
		{"windows", "arm64", "win32", "arm64"},
	}
}

// command is the package of the tool.
const command = "./tempnumber/cmd/tempnumber"

// binary is the tool for one kind of machine.
type binary struct {
	target
	path string
	data []byte
}

// name returns the file name of the program on that machine.
func (t target) name() string {
	if t.goos == "windows" {
		return "tempnumber.exe"
	}
	return "tempnumber"
}

// compile builds the tool. What of the environment could change its bytes is set here.
func (r *release) compile(t target) (binary, error) {
	path := filepath.Join(r.work, t.goos+"_"+t.goarch, t.name())
	_, err := output(r.goTool(t, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", path, command))
	if err != nil {
		return binary{}, err
	}
	data, err := os.ReadFile(path) //nolint:gosec // just built
	if err != nil {
		return binary{}, err
	}
	if len(data) > mostBinary {
		return binary{}, fmt.Errorf("the binary for %s/%s has %d bytes, which is more than %d", t.goos, t.goarch, len(data), mostBinary)
	}
	return binary{t, path, data}, nil
}

// goTool returns a call of go for a kind of machine, in the checkout.
func (r *release) goTool(t target, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(r.ctx, "go", args...) //nolint:gosec // the arguments are in this program
	cmd.Dir = r.source
	cmd.Env = append(os.Environ(), "GOOS="+t.goos, "GOARCH="+t.goarch, "CGO_ENABLED=0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off", "GOWORK=off")
	return cmd
}

// host is the kind of machine this is.
func host() target { return target{goos: runtime.GOOS, goarch: runtime.GOARCH} }

// commonFiles returns what every archive has beside the program: the licence and those of what is linked,
// a short text, the manual pages and the completions, which the tool writes itself.
func (r *release) commonFiles() (files, error) {
	common := make(files)
	license, err := os.ReadFile(filepath.Join(r.source, "LICENSE"))
	if err != nil {
		return nil, err
	}
	notices, err := r.notices()
	if err != nil {
		return nil, err
	}
	readme, err := os.ReadFile(filepath.Join(r.here, "archive.md"))
	if err != nil {
		return nil, err
	}
	common["LICENSE"], common[noticesFile], common["README.md"] = file{license, 0o644}, file{notices, 0o644}, file{readme, 0o644}

	tool := filepath.Join(r.work, "host", "tempnumber.exe")
	if _, err := output(r.goTool(host(), "build", "-trimpath", "-buildvcs=false", "-o", tool, command)); err != nil {
		return nil, err
	}
	pages := filepath.Join(r.work, "man")
	if _, err := output(exec.CommandContext(r.ctx, tool, "man", pages)); err != nil { //nolint:gosec // built two lines above
		return nil, err
	}
	if err := common.read(pages, "man/man1"); err != nil {
		return nil, err
	}
	for shell, name := range completions() {
		script, err := output(exec.CommandContext(r.ctx, tool, "completion", shell)) //nolint:gosec // as above
		if err != nil {
			return nil, err
		}
		common["completions/"+name] = file{script, 0o644}
	}
	return common, nil
}

// completions names the file that each shell looks for.
func completions() map[string]string {
	return map[string]string{"bash": "tempnumber.bash", "zsh": "_tempnumber", "fish": "tempnumber.fish", "powershell": "tempnumber.ps1"}
}

// noticesFile has the licences of what is linked into the program. They ask for being passed on with it.
const noticesFile = "THIRD-PARTY-NOTICES.txt"

// notices returns the licences of Go's library and of every module that is linked, for all kinds of machines.
func (r *release) notices() ([]byte, error) {
	texts := make(map[string][]byte) // by "module version, file"
	var goroot string
	for _, t := range targets() {
		list, err := output(r.goTool(t, "list", "-deps", "-json=Dir,Standard,Module,Root", command))
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bytes.NewReader(list))
		for {
			var p linked
			if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			switch {
			case p.Standard:
				goroot = p.Root
			case !p.Module.Main:
				if err := p.addLicenses(texts); err != nil {
					return nil, err
				}
			}
		}
	}
	license, err := os.ReadFile(filepath.Join(goroot, "LICENSE")) //nolint:gosec // where go list says
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	fmt.Fprintf(&all, "The program tempnumber contains the software below, which comes under these licences.\n")
	fmt.Fprintf(&all, "\n==== The standard library of Go (%s), LICENSE\n\n%s\n", runtime.Version(), bytes.TrimSpace(license))
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&all, "\n==== %s\n\n%s\n", name, bytes.TrimSpace(texts[name]))
	}
	return bytes.ReplaceAll(all.Bytes(), []byte("\r\n"), []byte("\n")), nil
}

// linked is a package that is linked into the program, as go list describes it.
type linked struct {
	Dir, Root string
	Standard  bool
	Module    struct {
		Path, Version, Dir string
		Main               bool
	}
}

// addLicenses adds the licences in the package's directory and above it, up to its module's. A module that
// has none cannot be passed on.
func (p linked) addLicenses(texts map[string][]byte) error {
	found := false
	for dir := p.Dir; ; dir = filepath.Dir(dir) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			upper := strings.ToUpper(entry.Name())
			if entry.IsDir() || strings.HasSuffix(upper, ".GO") ||
				!strings.HasPrefix(upper, "LICENSE") && !strings.HasPrefix(upper, "LICENCE") && !strings.HasPrefix(upper, "COPYING") && !strings.HasPrefix(upper, "NOTICE") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, entry.Name())) //nolint:gosec // where go list says
			if err != nil {
				return err
			}
			inside, err := filepath.Rel(p.Module.Dir, filepath.Join(dir, entry.Name()))
			if err != nil {
				return err
			}
			texts[p.Module.Path+" "+p.Module.Version+", "+filepath.ToSlash(inside)] = text
			found = true
		}
		if dir == p.Module.Dir || dir == filepath.Dir(dir) {
			break
		}
	}
	if !found {
		return fmt.Errorf("module %s has no licence that could be passed on", p.Module.Path)
	}
	return nil
}

// partsList writes the SBOM of a binary: what modules are in it, as Go has written it into the binary.
func (r *release) partsList(b binary) error {
	out := filepath.Join(r.out, r.baseName(b.target)+".cdx.json")
	cmd := exec.CommandContext(r.ctx, "go", "run", "-trimpath", "-buildvcs=false", cyclonedx, "bin", "-json", "-noserial", "-notimestamp", "-std", //nolint:gosec // fixed arguments and our own paths
		"-version", "v"+r.version, "-output", out, b.path)
	cmd.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0")
	_, err := output(cmd)
	return err
}

// baseName returns "tempnumber_0.1.0_linux_amd64".
func (r *release) baseName(t target) string {
	return strings.Join([]string{"tempnumber", r.version, t.goos, t.goarch}, "_")
}
