package consumer

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDownloads keeps small what is fetched for a first look: what Makefile and
// README say of it, and how soon every command of the tool begins, depend on it.
func TestDownloads(t *testing.T) {
	t.Parallel()
	checkout := filepath.Join("..", "..", "..")
	modules := func(args ...string) []string {
		args = append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}, args...)
		return strings.Fields(run(t, checkout, args...))
	}
	demo := modules("./tempnumber/examples/demo")
	require.Contains(t, demo, client)
	require.Subset(t, allowed, demo)

	require.Subset(t, append([]string{
		"github.com/BurntSushi/toml",
		"github.com/cespare/xxhash/v2",
		"github.com/dgryski/go-rendezvous",
		"github.com/gofrs/flock",
		"github.com/redis/go-redis/v9",
		"github.com/rivo/uniseg",
		"github.com/spf13/cobra",
		"github.com/spf13/pflag",
		"golang.org/x/sys",
		"golang.org/x/term",
	}, allowed...), modules("./tempnumber/cmd/tempnumber"))

	tests := modules("-test", "./...")
	require.Contains(t, tests, "github.com/getkin/kin-openapi")
	for _, heavy := range []string{"github.com/Shopify/toxiproxy/v2", "github.com/prometheus/client_golang", "github.com/nyaruka/phonenumbers"} {
		require.NotContains(t, tests, heavy)
		require.Contains(t, modules("-test", "-tags", "check", "./..."), heavy, "make check runs it")
	}
}
