package tempnumber

import (
	"context"
	"errors"
	"net/url"
)

// cause is an error of a transport inside one of ours. Transports may be anybody's
// code, and their errors may hold the request with its key: cause shows a text and
// nothing else however it is printed. errors.Is and errors.As look through it, but
// not for the errors of a context. Those a caller takes for the end of its own
// context, and net/http gives them for other time limits as well.
type cause struct {
	text string
	err  func() error
}

// causeOf wraps what a transport said. Where the key stands in it, only the
// blotted text is left.
func causeOf(err error, key secret) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // around it stands the URL, which our errors tell better
	}
	text := err.Error()
	if key.shows(text) {
		return errors.New(key.blot(text))
	}
	return &cause{text: text, err: func() error { return err }}
}

func (c *cause) Error() string { return c.text }

// Is looks for target in the hidden error.
func (c *cause) Is(target error) bool {
	if target == context.Canceled || target == context.DeadlineExceeded {
		return false
	}
	return errors.Is(c.err(), target)
}

// As looks for a type in the hidden error.
func (c *cause) As(target any) bool { return errors.As(c.err(), target) }
