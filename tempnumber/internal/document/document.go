// Package document finds and loads the description of the API in api/. Tests and the generator use it; the client
// does not.
package document

import (
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi3"
)

// Path returns where the vendor's document is, in the repository whose top directory is top.
func Path(top string) string { return filepath.Join(top, "api", "openapi.yaml") }

// OverlayPath returns where our corrections are.
func OverlayPath(top string) string { return filepath.Join(top, "api", "overlay.yaml") }

// CorrectedPath returns where the corrected document is, which "make generate" writes.
func CorrectedPath(top string) string { return filepath.Join(top, "api", "openapi.corrected.yaml") }

// Corrected loads the corrected document.
func Corrected(top string) (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromFile(CorrectedPath(top))
}
