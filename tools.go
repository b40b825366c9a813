//go:build tools || generate

// Package tools keeps the code generator's version in go.mod and says how gen/ and the corrected document are made:
// `go generate ./...`.
package tools

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)

//go:generate go run ./tempnumber/internal/document/correct
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml api/openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config gen/server/oapi-codegen.yaml api/openapi.yaml
