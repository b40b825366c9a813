// Package api holds the document of the service for programs that serve it. It makes
// no promise to other modules.
package api

import _ "embed"

//go:embed openapi.corrected.yaml
var corrected string

// Corrected returns the document of the service with our corrections, OpenAPI in YAML.
func Corrected() string { return corrected }
