package consumer

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocumentedPrograms compiles in another module, as readers would paste it, what
// the package documentation shows: the program at the head of each package, and every
// example, which pkg.go.dev shows with its imports where it stands for itself.
func TestDocumentedPrograms(t *testing.T) {
	module := moduleOf(t, "rent")
	checkout := filepath.Join("..", "..", "..")
	list := run(t, checkout, "list", "-f", "{{if ne .Name `main`}}{{.ImportPath}} {{.Dir}}{{end}}", "./tempnumber/...")
	heads, examples := 0, 0
	for line := range strings.Lines(list) {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.Contains(path, "/internal/") || strings.Contains(path, "/examples") {
			continue
		}
		fset := token.NewFileSet()
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		var files []*ast.File
		for _, name := range names {
			file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
			require.NoError(t, err)
			files = append(files, file)
		}
		examplesOf := doc.Examples(files...) // before the files are changed
		described, err := doc.NewFromFiles(fset, files, path)
		require.NoError(t, err)

		for i, block := range described.Parser().Parse(described.Doc).Content {
			code, ok := block.(*comment.Code)
			if !ok || !strings.HasPrefix(code.Text, "package ") {
				continue
			}
			heads++
			name := "main.go"
			if strings.Contains(code.Text, "*testing.T") {
				name = "main_test.go"
			}
			put(t, module, fmt.Sprintf("%s_%d", described.Name, i), name, code.Text)
		}
		for _, example := range examplesOf {
			examples++
			require.NotNil(t, example.Play, "%s, Example %s uses something of another file", path, example.Name)
			require.NotEmpty(t, example.Output, "%s, Example %s is not run", path, example.Name)
			var text strings.Builder
			require.NoError(t, format.Node(&text, fset, example.Play))
			put(t, module, described.Name+"_Example"+example.Name, "main.go", text.String())
		}
	}
	require.GreaterOrEqual(t, heads, 4, "a program at the head of tempnumber, tempnumbertest, journal and smscode")
	require.GreaterOrEqual(t, examples, 25)
	run(t, module, "vet", "./...")
}

// put writes a file into a package of its own.
func put(t *testing.T, module, dir, name, text string) {
	t.Helper()
	dir = filepath.Join(module, dir)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}
