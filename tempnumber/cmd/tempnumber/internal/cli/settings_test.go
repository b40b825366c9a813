package cli

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestPlainHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tool := apart(t, tempnumbertest.NewServer())
		line := []string{"balance", "--base-url", "http://box:8025"}
		for value, want := range map[string]int{"": exitUsage, "0": exitUsage, "yes": exitUsage, "1": exitOK, "true": exitOK} {
			tool.env["TEMPNUMBER_PLAIN_HTTP"] = value
			out, problem, exit := tool.run(t.Context(), line...)
			require.Equal(t, want, exit, problem)
			require.Equal(t, want == exitOK, out == "100\n", value)
		}
		delete(tool.env, "TEMPNUMBER_PLAIN_HTTP")
		_, problem, exit := tool.run(t.Context(), line...)
		require.Equal(t, exitUsage, exit)
		require.Contains(t, problem, "use https, or --plain-http in a test network")
		out, _, exit := tool.run(t.Context(), append(line, "--plain-http")...)
		require.Zero(t, exit)
		require.Equal(t, "100\n", out)
	})
}
