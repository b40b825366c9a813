package share

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
)

// Sealer seals what stands in a log, so that nobody without the key can read it or make
// an entry, and no entry can be brought into another epoch.
type Sealer struct {
	aead cipher.AEAD
	name string
}

// NewSealer derives the log's name and the key of its entries from the API key and
// where the service is.
func NewSealer(apiKey, baseURL string) (*Sealer, error) {
	derive := func(use string, n int) ([]byte, error) {
		return hkdf.Key(sha256.New, []byte(apiKey), []byte("tempnumber sharing"), use+"\x00"+baseURL, n)
	}
	key, err := derive("entries", 32)
	if err != nil {
		return nil, err
	}
	name, err := derive("name", 16)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead, hex.EncodeToString(name)}, nil
}

// Name returns the name of the log, which tells nothing of the key.
func (s *Sealer) Name() string { return s.name }

const (
	plain, packed = 0, 1 // the first byte of what is sealed
	packFrom      = 300  // bytes from which packing pays
	maxUnpacked   = 16 << 20
)

func (s *Sealer) seal(epoch string, fence uint8, data []byte) []byte {
	body := append([]byte{plain}, data...)
	if len(data) >= packFrom {
		var b bytes.Buffer
		b.WriteByte(packed)
		if w, err := flate.NewWriter(&b, flate.BestSpeed); err == nil {
			_, _ = w.Write(data) // a buffer takes everything
			_ = w.Close()
			body = b.Bytes()
		}
	}
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(body)+s.aead.Overhead())
	_, _ = rand.Read(nonce) // it never fails
	return s.aead.Seal(nonce, nonce, body, associated(epoch, fence))
}

var errSealed = errors.New("an entry was not made with this key")

func (s *Sealer) open(epoch string, fence uint8, sealed []byte) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errSealed
	}
	body, err := s.aead.Open(nil, sealed[:n], sealed[n:], associated(epoch, fence))
	if err != nil || len(body) == 0 {
		return nil, errSealed
	}
	if body[0] == packed {
		return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body[1:])), maxUnpacked))
	}
	return body[1:], nil
}

func associated(epoch string, fence uint8) []byte { return append([]byte{fence}, epoch...) }
