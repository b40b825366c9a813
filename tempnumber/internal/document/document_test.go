package document_test

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/document"
)

const top = "../../.."

// The corrected document says what the generator sees.
func TestCorrectedIsWhatTheGeneratorSees(t *testing.T) {
	corrected, err := document.Corrected(top)
	require.NoError(t, err)
	require.NoError(t, corrected.Validate(t.Context()), "with every example")
	seen, err := util.LoadSwaggerWithOverlay(document.Path(top), util.LoadSwaggerWithOverlayOpts{
		Path: document.OverlayPath(top), Strict: true, AllowRemoteRefsFrom: []string{},
	})
	require.NoError(t, err)

	text, err := os.ReadFile(document.CorrectedPath(top))
	require.NoError(t, err)
	want, got := plain(t, seen), plain(t, corrected)
	for kind, ones := range want["components"].(map[string]any) {
		for name := range ones.(map[string]any) {
			used := strings.Contains(string(text), "#/components/"+kind+"/"+name+"'") || kind == "securitySchemes"
			_, written := got["components"].(map[string]any)[kind].(map[string]any)[name]
			require.Equal(t, used, written, "%s %s is written if something uses it", kind, name)
			if !used {
				delete(ones.(map[string]any), name)
			}
		}
	}
	require.Equal(t, want, got)
	require.NotContains(t, string(text), "x-go-")
}

// plain returns a value as JSON has it, without what only the Go generator reads.
func plain(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	var object map[string]any
	require.NoError(t, json.Unmarshal(text, &object))
	drop(object)
	return object
}

func drop(value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			drop(element)
		}
	case map[string]any:
		maps.DeleteFunc(v, func(name string, _ any) bool {
			return strings.HasPrefix(name, "x-go-") || strings.HasPrefix(name, "x-omit") || name == "__origin__"
		})
		for _, field := range v {
			drop(field)
		}
	}
}
