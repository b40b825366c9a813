package tempnumber_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func TestDefaultLimits(t *testing.T) {
	doc, err := util.LoadSwaggerWithOverlay("../api/openapi.yaml", util.LoadSwaggerWithOverlayOpts{
		Path:   "../api/overlay.yaml",
		Strict: true,
	})
	require.NoError(t, err)

	documented := tempnumber.Limits{}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			endpoint := method + " " + path
			extension, err := json.Marshal(operation.Extensions["x-rate-limit"])
			require.NoError(t, err)
			var limit struct {
				Requests int
				Window   string
			}
			require.NoError(t, json.Unmarshal(extension, &limit), endpoint)
			window, err := time.ParseDuration(limit.Window)
			require.NoError(t, err, "%s has no x-rate-limit with a window", endpoint)
			documented[tempnumber.Endpoint(endpoint)] = tempnumber.Limit{Requests: limit.Requests, Window: window}
		}
	}
	require.Len(t, documented, 8)
	require.Equal(t, documented, tempnumber.DefaultLimits())
}
