package transport

import (
	"context"
	"errors"
	"net/url"
)

// opaqueError is an error of somebody's transport inside one of ours. Such errors may hold the request with
// its key, so opaqueError prints a text and nothing else. errors.Is and errors.As look through it, but not
// for context errors: callers would mistake the transport's timeout for their own.
type opaqueError struct {
	text string
	err  func() error
}

// maxErrorText is how many runes of a transport's error are shown.
const maxErrorText = 500

// redactError wraps an error of a transport. Where the key stands in its text, only the redacted text is left.
func redactError(err error, key Key) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // our errors name method and path themselves
	}
	// It may quote what a server sent: names in a certificate, a proxy's status line.
	text := Clean(key.Redact(err.Error()), maxErrorText)
	if key.leaksIn(err.Error()) {
		return errors.New(text)
	}
	return &opaqueError{text: text, err: func() error { return err }}
}

func (e *opaqueError) Error() string { return e.text }

// Is looks for target in the hidden error.
func (e *opaqueError) Is(target error) bool {
	if target == context.Canceled || target == context.DeadlineExceeded {
		return false
	}
	return errors.Is(e.err(), target)
}

// As looks for a type in the hidden error.
func (e *opaqueError) As(target any) bool { return errors.As(e.err(), target) }
