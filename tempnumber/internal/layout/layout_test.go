package layout

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostFiles is how many files package tempnumber may have without its tests.
const mostFiles = 32

// TestFilesFormNoCircle type-checks package tempnumber and follows every identifier to the file that
// declares it.
func TestFilesFormNoCircle(t *testing.T) {
	files, uses := references(t, "../..")
	require.LessOrEqual(t, len(files), mostFiles)
	require.Greater(t, len(uses), len(files)/2, "the references were not found")
	var circles []string
	for _, circle := range circlesOf(files, uses) {
		circles = append(circles, strings.Join(circle, " "))
	}
	require.Empty(t, circles, "files that refer to each other, directly or by way of others")
}

func TestCirclesAreFound(t *testing.T) {
	uses := map[string]map[string]bool{"a": {"b": true}, "b": {"c": true}, "c": {"b": true}, "d": {"a": true}}
	require.Equal(t, [][]string{{"b", "c"}}, circlesOf([]string{"a", "b", "c", "d"}, uses))
}

// references returns the files of a package and, for each, the files whose declarations it uses.
func references(t *testing.T, dir string) (names []string, uses map[string]map[string]bool) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files, names = append(files, file), append(names, filepath.Base(path))
	}
	exports := exportData(t, dir)
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Selections: make(map[*ast.SelectorExpr]*types.Selection)}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	pkg, err := config.Check("tempnumber", fset, files, info)
	require.NoError(t, err)
	fileOf := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	uses = make(map[string]map[string]bool)
	for ident, object := range info.Uses {
		if object.Pkg() != pkg || !object.Pos().IsValid() {
			continue
		}
		from, to := fileOf(ident.Pos()), fileOf(object.Pos())
		if from == to {
			continue
		}
		if uses[from] == nil {
			uses[from] = make(map[string]bool)
		}
		uses[from][to] = true
	}
	return names, uses
}

// exportData returns where the compiler keeps what it knows of each imported package.
func exportData(t *testing.T, dir string) map[string]string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".")
	list.Dir = dir
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	require.NoError(t, err, stderr.String())
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	return exports
}

// circlesOf returns the groups of files that can each be reached from one another.
func circlesOf(files []string, uses map[string]map[string]bool) [][]string {
	reach := make(map[string]map[string]bool)
	for _, file := range files {
		reached, open := make(map[string]bool), []string{file}
		for len(open) > 0 {
			next := open[len(open)-1]
			open = open[:len(open)-1]
			for to := range uses[next] {
				if !reached[to] {
					reached[to] = true
					open = append(open, to)
				}
			}
		}
		reach[file] = reached
	}
	var circles [][]string
	for _, file := range files {
		var circle []string
		for _, other := range files {
			if reach[file][other] && reach[other][file] {
				circle = append(circle, other)
			}
		}
		if len(circle) > 0 && circle[0] == file {
			circles = append(circles, circle)
		}
	}
	slices.SortFunc(circles, func(a, b []string) int { return cmp.Compare(len(b), len(a)) })
	return circles
}
