package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func TestOnlyTheVersionOfTheCodeIsReleased(t *testing.T) {
	out := filepath.Join(t.TempDir(), "dist")
	err := run(t.Context(), "v99.0.0", out)
	require.ErrorContains(t, err, "VERSION is v99.0.0, but the code says v"+tempnumber.Version)
	require.NoDirExists(t, out)
}

func TestChangelogHasTheDate(t *testing.T) {
	changelog := filepath.Join(t.TempDir(), "CHANGELOG.md")
	put := func(text string) { require.NoError(t, os.WriteFile(changelog, []byte(text), 0o600)) }
	r := &release{version: "1.2.3"}
	put("## Unreleased\n\n## 1.2.3 - 2026-11-30\n\n## 1.2.2 - 2026-10-01\n")
	date, err := r.dateOf(changelog)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), date)
	for _, text := range []string{"## Unreleased\n", "## 1.2.3\n", "## 11.2.3 - 2026-11-30\n", "## 1x2.3 - 2026-11-30\n", "## 1.2.3 - 2026-13-30\n"} {
		put(text)
		_, err := r.dateOf(changelog)
		require.Error(t, err, text)
	}
}

// TestChangelogHasASection keeps version and changelog together before a release is tried.
func TestChangelogHasASection(t *testing.T) {
	_, err := (&release{version: tempnumber.Version}).dateOf("../../../../CHANGELOG.md")
	require.NoError(t, err)
}

func TestOnlyItsOwnDirectoryIsEmptied(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	require.NoError(t, os.WriteFile(precious, []byte("text"), 0o600))
	_, err := emptied(dir)
	require.ErrorContains(t, err, "was not written by this program")
	require.FileExists(t, precious)

	own := filepath.Join(t.TempDir(), "dist")
	for range 2 { // a run that was cut short is taken up again
		_, err = emptied(own)
		require.NoError(t, err)
		require.NoFileExists(t, filepath.Join(own, "part"))
		require.NoError(t, os.WriteFile(filepath.Join(own, "part"), []byte("text"), 0o600))
	}
}

func TestTarballIsTheSameWhateverTheOrder(t *testing.T) {
	date := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	content := files{}
	for _, name := range []string{"b", "a/z", "c", "a/y"} {
		content[name] = file{[]byte(name), 0o644}
	}
	first, err := tarball(content, date)
	require.NoError(t, err)
	for range 20 {
		again, err := tarball(content.with(nil), date)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
	compressed, err := gzip.NewReader(bytes.NewReader(first))
	require.NoError(t, err)
	require.True(t, compressed.ModTime.IsZero())
	archive := tar.NewReader(compressed)
	var names []string
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		names = append(names, header.Name)
		require.True(t, date.Equal(header.ModTime))
		require.Zero(t, header.Uid)
		require.Empty(t, header.Uname)
	}
	require.Equal(t, []string{"a/y", "a/z", "b", "c"}, names)
}

func TestModuleWithoutLicenceIsNotPassedOn(t *testing.T) {
	dir := t.TempDir()
	p := linked{Dir: filepath.Join(dir, "inner")}
	p.Module.Path, p.Module.Version, p.Module.Dir = "example.org/m", "v1.0.0", dir
	require.NoError(t, os.Mkdir(p.Dir, 0o700))
	texts := make(map[string][]byte)
	require.ErrorContains(t, p.addLicenses(texts), "example.org/m has no licence")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "LICENSE.txt"), []byte("outer"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(p.Dir, "NOTICE"), []byte("inner"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(p.Dir, "license.go"), []byte("package inner"), 0o600))
	require.NoError(t, p.addLicenses(texts))
	require.Equal(t, map[string][]byte{
		"example.org/m v1.0.0, LICENSE.txt":  []byte("outer"),
		"example.org/m v1.0.0, inner/NOTICE": []byte("inner"),
	}, texts)
}
