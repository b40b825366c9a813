package consumer

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
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
	t.Parallel()
	module := moduleOf(t, "rent")
	checkout := filepath.Join("..", "..", "..")
	list := run(t, checkout, "list", "-f", "{{if ne .Name `main`}}{{.ImportPath}} {{.Dir}}{{end}}", "./tempnumber/...")
	heads, examples := 0, 0
	programs := map[string]string{}
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
			programs[fmt.Sprintf("%s, block %d", path, i)] = code.Text
		}
		for _, example := range examplesOf {
			examples++
			require.NotNil(t, example.Play, "%s, Example %s uses something of another file", path, example.Name)
			require.NotEmpty(t, example.Output, "%s, Example %s is not run", path, example.Name)
			var text strings.Builder
			require.NoError(t, format.Node(&text, fset, example.Play))
			programs[path+", Example "+example.Name] = text.String()
		}
	}
	require.GreaterOrEqual(t, heads, 4, "a program at the head of tempnumber, tempnumbertest, journal and smscode")
	require.GreaterOrEqual(t, examples, 25)
	compile(t, module, programs)
}

// compile checks programs by their types, as a compiler does that is given each by itself, with the packages that
// they import built for another module.
func compile(t *testing.T, module string, programs map[string]string) {
	t.Helper()
	fset := token.NewFileSet()
	files := map[string]*ast.File{}
	imports := map[string]bool{}
	for name, text := range programs {
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		require.NoError(t, err)
		files[name] = file
		for _, spec := range file.Imports {
			imports[spec.Path.Value] = true
		}
	}

	uses := "package uses\n"
	for path := range imports {
		uses += "import _ " + path + "\n"
	}
	dir := filepath.Join(module, "uses")
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uses.go"), []byte(uses), 0o600))
	built := map[string]string{}
	for line := range strings.Lines(run(t, module, "list", "-deps", "-export", "-f", "{{.ImportPath}} {{.Export}}", "./uses")) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		built[path] = file
	}

	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(built[path]) })}
	for name, file := range files {
		_, err := config.Check(file.Name.Name, fset, []*ast.File{file}, nil)
		require.NoError(t, err, name)
	}
}
