package cli

import (
	"errors"
	"io"
	"io/fs"
)

// ClosedOutput is a standard stream that was probably closed before the program
// started: nothing that is written to it can be read. It cannot be told from a
// null device that the caller opened for reading and writing, so only commands that
// pay for a number take it for an error.
type ClosedOutput struct{ Null io.Writer }

// Write fails.
func (ClosedOutput) Write([]byte) (int, error) { return 0, errors.New("it is closed") }

var _ io.Writer = ClosedOutput{}

// outputError says that the answer could not be written.
type outputError struct{ err error }

func (e *outputError) Error() string {
	why := e.err
	var path *fs.PathError
	if errors.As(why, &path) {
		why = path.Err
	}
	return "standard output cannot be written: " + why.Error()
}

func (e *outputError) Unwrap() error { return e.err }

// outputFailure marks an error of writing the answer; nil stays nil.
func outputFailure(err error) error {
	if err == nil {
		return nil
	}
	return &outputError{err}
}
