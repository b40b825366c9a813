package contract_test

import (
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	documentPath = "../../../api/openapi.yaml"
	overlayPath  = "../../../api/overlay.yaml"
)

// pristine loads the document as the vendor has it.
func pristine(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(documentPath)
	require.NoError(t, err)
	return doc
}

// corrected loads the document with the overlay laid over it, the way the
// generator does.
func corrected(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := util.LoadSwaggerWithOverlay(documentPath, util.LoadSwaggerWithOverlayOpts{
		Path:                overlayPath,
		Strict:              true,
		AllowRemoteRefsFrom: []string{},
	})
	require.NoError(t, err)
	return doc
}

// closed allows the objects of a document no field that is not documented.
func closed(doc *openapi3.T) *openapi3.T {
	no := false
	for _, schema := range doc.Components.Schemas {
		schema.Value.AdditionalProperties.Has = &no
	}
	return doc
}

func TestDocumentIsValid(t *testing.T) {
	require.NoError(t, pristine(t).Validate(t.Context()))
}

func TestCorrectedDocumentIsValid(t *testing.T) {
	require.NoError(t, corrected(t).Validate(t.Context()))
}

func TestWrongExampleIsFound(t *testing.T) {
	text, err := os.ReadFile(documentPath)
	require.NoError(t, err)
	for name, fault := range map[string]struct{ right, wrong string }{
		"of an answer":    {"code: '5678'", "code: 5678"},
		"of an error":     {"newPrice: 0.7", "newCost: 0.7"},
		"of a field":      {"example: 18454123223", "example: +1 845-412-3223"},
		"of a parameter":  {"example: 25687", "example: newest"},
		"of a request":    {"status: retry\n", "status: cancel\n"},
		"of a mere price": {"p: 0.5\n", "p: 0.5 USD\n"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, string(text), fault.right)
			broken := strings.Replace(string(text), fault.right, fault.wrong, 1)
			doc, err := openapi3.NewLoader().LoadFromData([]byte(broken))
			require.NoError(t, err)
			require.Error(t, doc.Validate(t.Context()))
		})
	}
}

func TestCorrectionsHaveReasons(t *testing.T) {
	text, err := os.ReadFile(overlayPath)
	require.NoError(t, err)
	var overlay struct {
		Actions []struct{ Target, Description string }
	}
	require.NoError(t, yaml.Unmarshal(text, &overlay))
	require.NotEmpty(t, overlay.Actions)
	for _, action := range overlay.Actions {
		require.NotEmpty(t, action.Description, action.Target)
	}
}
