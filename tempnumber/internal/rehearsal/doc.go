// Package rehearsal tries the move to a new version of the API's document. It has a test only, which "make rehearse"
// runs: it changes a copy of the repository and runs the copy's own checks.
package rehearsal
