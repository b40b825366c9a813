package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Scripts go by the exit codes, so help and README list the same ones.
func TestExitCodesDocumented(t *testing.T) {
	readme, err := os.ReadFile("../../../../../README.md")
	require.NoError(t, err)
	codes := func(line, text string) (found []string) {
		for _, match := range regexp.MustCompile(line).FindAllStringSubmatch(text, -1) {
			found = append(found, match[1])
		}
		return found
	}
	want := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "130", "141"}
	require.Equal(t, want, codes(`(?m)^ +(\d+)  `, exitCodesHelp))
	_, list, ok := strings.Cut(string(readme), "Exit codes: ")
	require.True(t, ok)
	list, _, _ = strings.Cut(list, ".")
	require.Equal(t, want, codes(`(?:^|,\s)(\d+) `, list))
}
