//go:build unix

package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/cli"
)

// ignoreClosedPipes makes a write to a pipe without a reader an error. By default
// it would end the program, before it could say what it has bought.
func ignoreClosedPipes() { signal.Ignore(syscall.SIGPIPE) }

// opened returns a standard stream for writing. Where the program was started
// without it, Go's runtime has opened the null device in its place, for reading and
// writing, and what is written would be lost without an error.
func opened(stream *os.File) io.Writer {
	flags, err := unix.FcntlInt(stream.Fd(), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_ACCMODE != unix.O_RDWR {
		return stream
	}
	null, err := os.Stat(os.DevNull)
	if err != nil {
		return stream
	}
	if info, err := stream.Stat(); err == nil && os.SameFile(info, null) {
		return cli.ClosedOutput{Null: stream}
	}
	return stream
}
