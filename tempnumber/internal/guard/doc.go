// Package guard holds the client against the document of the API, in few tests that say what is to be done when the
// document changes. It has tests only. They use nothing but the client's public methods, so that they compile and
// speak before the service in a box and the other tests have followed.
package guard
