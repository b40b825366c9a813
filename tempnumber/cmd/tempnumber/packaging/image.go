package main

import (
	"os"
	"os/exec"
	"path/filepath"
)

// image writes what the container image is built from, and nothing else, so that its directory is the whole
// context of the build: the Containerfile, the binaries for Linux by architecture, the certificates by which
// the real service is known, the licences, and an empty home.
func (r *release) image(binaries []binary, common files) error {
	containerfile, err := os.ReadFile(filepath.Join(r.here, "image", "Containerfile"))
	if err != nil {
		return err
	}
	roots := exec.CommandContext(r.ctx, "go", "run", "-buildvcs=false", ".")
	roots.Dir = filepath.Join(r.here, "roots")
	roots.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0", "GOWORK=off")
	certificates, err := output(roots)
	if err != nil {
		return err
	}
	context := files{
		"Containerfile":           {containerfile, 0o644},
		"ca-certificates.crt":     {certificates, 0o644},
		"licenses/LICENSE":        common["LICENSE"],
		"licenses/" + noticesFile: common[noticesFile],
	}
	for _, b := range binaries {
		if b.goos == "linux" {
			context[b.goarch+"/tempnumber"] = file{b.data, 0o755}
		}
	}
	root := filepath.Join(r.out, "image")
	if err := os.MkdirAll(filepath.Join(root, "home"), 0o755); err != nil { //nolint:gosec // what is released is for everybody
		return err
	}
	for name, f := range context {
		to := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // as above
			return err
		}
		if err := os.WriteFile(to, f.data, f.mode); err != nil {
			return err
		}
	}
	return nil
}
