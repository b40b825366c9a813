package tempnumber

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// maxErrorBody is how many decoded bytes of an answer that is no success are kept.
const maxErrorBody = 64 << 10

// errTooLarge says that a body has more bytes than its limit.
var errTooLarge = errors.New("it is too large")

// readAtMost reads a body to its end, or until it is known to have more than
// limit bytes. Bytes are counted after decompression, since a small answer can
// unpack to a thousand times its size. They are gathered in pieces that are put
// together at the end, so a body that is too large never takes much more memory
// than the limit.
func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	const firstPiece, largestPiece, patience = 4 << 10, 1 << 20, 100
	var full [][]byte
	piece := make([]byte, 0, firstPiece)
	total, idle := int64(0), 0
	for {
		if len(piece) == cap(piece) {
			full = append(full, piece)
			// The one byte more than the limit is what tells that it is passed.
			piece = make([]byte, 0, min(int64(2*cap(piece)), largestPiece, limit-total+1))
		}
		n, err := r.Read(piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		total += int64(n)
		switch {
		case total > limit:
			return nil, errTooLarge
		case err == io.EOF:
			return bytes.Join(append(full, piece), nil), nil
		case err != nil:
			return nil, err
		case n > 0:
			idle = 0
		default:
			if idle++; idle == patience {
				return nil, io.ErrNoProgress
			}
		}
	}
}

// inMemory is the body of an answer that has been read already.
type inMemory struct {
	io.Reader
	whole []byte
	api   *APIError // the answer as an error, nil for a success
}

// Close has nothing to close.
func (inMemory) Close() error { return nil }

// setBody puts a body that has been read in the place of the one on the wire, and
// beside it what the answer is as an error.
func setBody(resp *http.Response, body []byte, api *APIError) {
	resp.Body = inMemory{bytes.NewReader(body), body, api}
	resp.ContentLength = int64(len(body))
}

// bodyOf gives the whole body of an answer that came down the road, or the answer
// as an error when it is no success.
func bodyOf(resp *http.Response) ([]byte, *APIError) {
	body, _ := resp.Body.(inMemory)
	return body.whole, body.api
}
