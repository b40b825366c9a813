package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"
)

// file is what a file of an archive holds.
type file struct {
	data []byte
	mode fs.FileMode
}

// files are those of an archive, by their paths with slashes.
type files map[string]file

// names returns the paths in order.
func (f files) names() []string { return slices.Sorted(maps.Keys(f)) }

// with returns a copy in which some files are added.
func (f files) with(more files) files {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

// read adds the files of a directory below a path.
func (f files) read(dir, under string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name())) //nolint:gosec // just written by the tool
		if err != nil {
			return err
		}
		f[path.Join(under, entry.Name())] = file{data, 0o644}
	}
	return nil
}

// archive writes the archive of a binary: a zip for Windows, a compressed tar for the others. Everything in
// it is in one directory, so that unpacking it strews nothing about.
func (r *release) archive(b binary, common files) error {
	base := r.baseName(b.target)
	content := make(files)
	for name, f := range common.with(files{b.name(): {b.data, 0o755}}) {
		content[base+"/"+name] = f
	}
	pack, suffix := tarball, ".tar.gz"
	if b.goos == "windows" {
		pack, suffix = zipped, ".zip"
	}
	data, err := pack(content, r.date)
	if err != nil {
		return err
	}
	if len(data) > mostArchive {
		return fmt.Errorf("%s has %d bytes, which is more than %d", base+suffix, len(data), mostArchive)
	}
	return os.WriteFile(filepath.Join(r.out, base+suffix), data, 0o644) //nolint:gosec // what is released is for everybody
}

// tarball packs files in the order of their names, all of one date and of nobody in particular.
func tarball(content files, date time.Time) ([]byte, error) {
	var packed bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(compressed)
	for _, name := range content.names() {
		f := content[name]
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(f.mode.Perm()), Size: int64(len(f.data)), ModTime: date, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.data); err != nil {
			return nil, err
		}
	}
	err = errors.Join(archive.Close(), compressed.Close())
	return packed.Bytes(), err
}

// zipped packs the same as a zip.
func zipped(content files, date time.Time) ([]byte, error) {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, name := range content.names() {
		f := content[name]
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: date}
		header.SetMode(f.mode)
		w, err := archive.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return packed.Bytes(), err
}

// gzipped compresses one file, as Debian wants its manual pages.
func gzipped(data []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return packed.Bytes(), err
}
