//go:build !unix

package main

import (
	"io"
	"os"
)

// ignoreClosedPipes has nothing to do: there is no such signal.
func ignoreClosedPipes() {}

// opened returns a standard stream for writing.
func opened(stream *os.File) io.Writer { return stream }
