package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"
)

// npmPackage is what the package.json and the README of a package are made from.
type npmPackage struct {
	Version string
	Targets []target // of all platforms
	Target  target   // of a package for one
}

// NPMName returns the name of the package for a platform.
func (t target) NPMName() string { return "@tempnumber/" + t.nodeOS + "-" + t.nodeCPU }

// Program, NodeOS and NodeCPU are for templates.
func (t target) Program() string { return t.name() }

// NodeOS is the operating system, as Node calls it.
func (t target) NodeOS() string { return t.nodeOS }

// NodeCPU is the processor, as Node calls it.
func (t target) NodeCPU() string { return t.nodeCPU }

// npmPackages writes the packages for npm: one for each platform, which has the binary alone; tempnumber,
// which brings the one that fits; and the fixture for Playwright. All have the same version and are made from
// the templates below npm/.
func (r *release) npmPackages(binaries []binary, common files) error {
	licenses := files{"LICENSE": common["LICENSE"]}
	all := npmPackage{Version: r.version, Targets: targets()}
	for _, b := range binaries {
		one := all
		one.Target = b.target
		more := licenses.with(files{"bin/" + b.name(): {b.data, 0o755}, noticesFile: common[noticesFile]})
		if err := r.npmPackage("platform", one, more); err != nil {
			return err
		}
	}
	return errors.Join(r.npmPackage("tempnumber", all, licenses), r.npmPackage("playwright", all, licenses))
}

// npmPackage writes one package as npm pack would: all below package/.
func (r *release) npmPackage(dir string, about npmPackage, more files) error {
	content := more.with(nil)
	root := filepath.Join(r.here, "npm", dir)
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name) //nolint:gosec // below our own directory
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		inside = filepath.ToSlash(inside)
		mode := fs.FileMode(0o644)
		if path.Dir(inside) == "bin" {
			mode = 0o755
		}
		if to, isTemplate := strings.CutSuffix(inside, ".tmpl"); isTemplate {
			inside = to
			if data, err = filled(inside, data, about); err != nil {
				return err
			}
		}
		content[inside] = file{data, mode}
		return nil
	})
	if err != nil {
		return err
	}
	var manifest struct{ Name, Version string }
	if err := json.Unmarshal(content["package.json"].data, &manifest); err != nil {
		return fmt.Errorf("the package.json of %s: %w", dir, err)
	}
	packed := make(files)
	for name, f := range content {
		packed["package/"+name] = f
	}
	data, err := tarball(packed, r.date)
	if err != nil {
		return err
	}
	base := strings.ReplaceAll(strings.TrimPrefix(manifest.Name, "@"), "/", "-") + "-" + manifest.Version + ".tgz"
	to := filepath.Join(r.out, "npm")
	return errors.Join(os.MkdirAll(to, 0o755), os.WriteFile(filepath.Join(to, base), data, 0o644)) //nolint:gosec // what is released is for everybody
}

// filled fills in a template.
func filled(name string, text []byte, about any) ([]byte, error) {
	t, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, about)
	return out.Bytes(), err
}
