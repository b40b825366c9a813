package programs

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who shares by a file links no Redis, and who shares nothing links neither.
func TestWhatIsLinked(t *testing.T) {
	const module = "github.com/tempnumber/tempnumber-go/tempnumber"
	deps := func(pkg string) string {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
		require.NoError(t, err)
		return string(out)
	}
	core := deps(module)
	require.Contains(t, core, module+"/sharing\n")
	require.NotContains(t, core, "gofrs")
	require.NotContains(t, core, "redis")
	file := deps(module + "/sharing/filelog")
	require.Contains(t, file, "gofrs/flock")
	require.NotContains(t, file, "redis")
}
