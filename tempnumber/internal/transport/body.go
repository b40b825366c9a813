package transport

import (
	"bytes"
	"errors"
	"io"
)

// ErrTooLarge says that a body has more bytes than its limit.
var ErrTooLarge = errors.New("it is too large")

// ReadAtMost reads a body to its end. It returns ErrTooLarge as soon as the body has more than limit bytes.
// Bytes are counted after decompression: a small answer can unpack to a thousand times its size. They are
// gathered in pieces that are joined at the end, so a body that is too large takes little more memory than
// the limit.
func ReadAtMost(r io.Reader, limit int64) ([]byte, error) {
	const firstPiece, largestPiece, patience = 512, 1 << 20, 100
	var full [][]byte
	piece := make([]byte, 0, firstPiece)
	total, idle := int64(0), 0
	for {
		if len(piece) == cap(piece) {
			full = append(full, piece)
			// One byte more than the limit shows that the body exceeds it.
			piece = make([]byte, 0, min(int64(2*cap(piece)), largestPiece, limit-total+1))
		}
		n, err := r.Read(piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		total += int64(n)
		switch {
		case total > limit:
			return nil, ErrTooLarge
		case err == io.EOF && full == nil:
			return piece, nil
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
