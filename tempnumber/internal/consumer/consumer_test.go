package consumer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

const client = "github.com/tempnumber/tempnumber-go"

// allowed are the modules that the client brings into a program: itself and what
// the generated code needs.
var allowed = []string{
	client,
	"github.com/apapsch/go-jsonmerge/v2",
	"github.com/google/uuid",
	"github.com/oapi-codegen/runtime",
}

func TestProgramInOtherModule(t *testing.T) {
	t.Parallel()
	module := moduleOf(t, "rent")
	require.Subset(t, allowed, compiled(t, module))
	run(t, module, "build", "-ldflags=-s -w", "-o", "rent.exe", ".")

	server := tempnumbertest.NewServer()
	server.AutoDeliver(0, "04711 is your code")
	command := exec.CommandContext(t.Context(), filepath.Join(module, "rent.exe"), "facebook", "us")
	command.Env = append(os.Environ(),
		"TEMPNUMBER_API_KEY="+tempnumbertest.DefaultKey,
		"TEMPNUMBER_BASE_URL="+server.URL(t))
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Regexp(t, `^number \+[0-9]+\ncode 04711\n$`, string(output))
}

func TestOfflineTestInOtherModule(t *testing.T) {
	t.Parallel()
	module := moduleOf(t, "offline")
	require.Subset(t, allowed, compiled(t, module))
	require.Contains(t, run(t, module, "test", "-vet=off", "-v", "."), "--- PASS: TestSignUp")
}

func TestExtraModuleIsNoticed(t *testing.T) {
	t.Parallel()
	modules := compiled(t, moduleOf(t, "witness"))
	require.NotSubset(t, allowed, modules)
	require.Contains(t, modules, "github.com/stretchr/testify")
}

// moduleOf copies a program of testdata into a module of its own, which takes the
// client from the checkout, and returns its directory.
func moduleOf(t *testing.T, name string) string {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))))

	checkout, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	goMod, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	require.NoError(t, err)
	// The other requirements stay: a go command that finds every version named reads
	// no go.mod file that this module's own tests have not put into the cache.
	name = "module example.org/" + name
	text := strings.Replace(string(goMod), "module "+client, name, 1)
	text += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %q\n", client, client, checkout)
	require.Contains(t, text, name)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600))
	sums, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
	return dir
}

// compiled returns the modules that have a package in what a module builds, the
// module itself left out.
func compiled(t *testing.T, module string) []string {
	list := run(t, module, "list", "-deps", "-test", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", ".")
	modules := strings.Fields(list)
	require.Contains(t, modules, client)
	return modules
}

// run runs the go command in a module, with nothing but the module cache to take
// other modules from.
func run(t *testing.T, module string, args ...string) (output string) {
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = module
	command.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off", "GOPROXY=off")
	combined, err := command.CombinedOutput()
	require.NoError(t, err, "%s", combined)
	return string(combined)
}
