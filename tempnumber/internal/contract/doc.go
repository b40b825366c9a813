// Package contract holds the client's requests, and the answers it gets,
// against the description of the API in api/. It has tests only.
//
// Every request walks the client's whole road and passes two checkers on its
// way to the service in a box: one that knows the document as the vendor has
// it, and one that knows the corrected document and allows no field beside the
// documented ones. The suite fails when an answer that the document declares
// for an operation was not given.
//
// With TEMPNUMBER_CONTRACT_URL set to the base URL of a server that somebody
// else wrote, such as a mock server made from the document, the requests that
// change nothing and cost nothing are sent there too.
package contract
