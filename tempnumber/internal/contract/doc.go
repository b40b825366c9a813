// Package contract holds the client's requests, and the answers it gets,
// against the description of the API in api/. It has tests only.
//
// With TEMPNUMBER_CONTRACT_URL set to the base URL of a server that somebody
// else wrote, such as a mock server made from the document, the requests that
// change nothing and cost nothing are sent there.
package contract
