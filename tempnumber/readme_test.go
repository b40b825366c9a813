package tempnumber_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// goBlock finds the Go snippets of a Markdown text.
var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// TestREADMESnippets holds the README against the examples: each of its
// Go snippets stands in an example or a test, which is compiled and run.
func TestREADMESnippets(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	var compiled strings.Builder
	for _, pattern := range []string{"*example*_test.go", "tempnumbertest/*example*_test.go", "examples/*/*.go", "examples/internal/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			compiled.WriteString(unindent(string(source)))
		}
	}
	snippets := goBlock.FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, snippets)
	for _, snippet := range snippets {
		if !strings.Contains(compiled.String(), unindent(snippet[1])) {
			t.Errorf("no example has this snippet:\n%s", snippet[1])
		}
	}
}

// unindent takes the leading tabs off every line: a snippet is not indented like the function it stands in.
func unindent(s string) string {
	return regexp.MustCompile(`(?m)^\t+`).ReplaceAllString(s, "")
}
