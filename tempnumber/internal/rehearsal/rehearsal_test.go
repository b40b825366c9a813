package rehearsal_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/document"
)

var rehearse = flag.Bool("rehearse", false, "change a copy of the repository and run its checks; takes a minute or more")

// A change is what an invented version 1.4.0 of the document does to version 1.3.8.
type change struct {
	name  string
	edits []edit
	told  string // what the one failure says; "" for none
}

// edit replaces text in the document.
type edit struct {
	old, new string
	times    int // how often old is there
}

var changes = []change{
	{"nothing", nil, ""},
	{
		"a new optional field",
		[]edit{{"        iconBaseUrl:\n          type: string\n          description: Where the paths of the icons start.\n          example: https://temp-number.org/icons\n        rating:\n", "        operator:\n          type: string\n          description: The network that the number belongs to.\n          example: Example Mobile\n        iconBaseUrl:\n          type: string\n          description: Where the paths of the icons start.\n          example: https://temp-number.org/icons\n        rating:\n", 1}},
		`the field ActivationData.operator is new, or is no longer read: no value of it shows in what the client returns. Add it to the public type`,
	},
	{
		"a new status",
		[]edit{{"            - refunded\n", "            - refunded\n            - numberBlocked\n", 1}},
		`the status "numberBlocked" is new: decide whether it is the end of an activation and whether an SMS is there`,
	},
	{
		"a new operation",
		[]edit{{"  /services/pricelistByCountry:\n", `  /user/limits:
    get:
      operationId: getUserLimits
      tags: [User]
      summary: Get the limits of the account
      responses:
        '200':
          description: The limits.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/UserBalance'
        '401':
          $ref: '#/components/responses/Unauthorized'

  /services/pricelistByCountry:
`, 1}},
		`the operation getUserLimits (GET /user/limits) is new: it needs x-rate-limit in api/overlay.yaml`,
	},
	{
		"a renamed schema",
		[]edit{
			{"#/components/schemas/SingleService'", "#/components/schemas/ServiceOffers'", 1},
			{"    SingleService:\n", "    ServiceOffers:\n", 1},
		},
		`the model SingleService is called ServiceOffers now: follow the name in every file that says gen.SingleService`,
	},
	{
		"a renamed schema that the overlay corrects",
		[]edit{
			{"#/components/schemas/ActivationData'", "#/components/schemas/Activation'", 3},
			{"    ActivationData:\n", "    Activation:\n", 1},
		},
		`api/overlay.yaml corrects what api/openapi.yaml does not have:`,
	},
	{
		"a changed type",
		[]edit{{"reason: 0\n", "reason: ''\n", 3}, {"        reason:\n          type: number\n          description: The reason of a problem, 0 for none.\n          example: 0\n", "        reason:\n          type: string\n          description: The reason of a problem.\n          example: ''\n", 1}},
		`ActivationData.reason was a number and is now a string: convert the new type in tempnumber/`,
	},
	{
		"a new required field of an order",
		[]edit{
			{"      required: [countryId, serviceId]\n      properties:\n", "      required: [countryId, serviceId, purpose]\n      properties:\n        purpose:\n          type: string\n          description: What the number is wanted for.\n          example: test\n", 1},
			{"              serviceId: facebook\n              countryId: us\n", "              serviceId: facebook\n              countryId: us\n              purpose: test\n", 1},
		},
		`newActivation requires "purpose", and the client sends "": every order would be refused`,
	},
}

// Every change of the document is told by one failure, which says what is to be done.
func TestNextVersion(t *testing.T) {
	if !*rehearse {
		t.Skip("make rehearse runs this")
	}
	repository := copyOfRepository(t)
	path := document.Path(repository)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			text := edit{"  version: 1.3.8\n", "  version: 1.4.0\n", 1}.apply(t, string(before))
			for _, e := range c.edits {
				text = e.apply(t, text)
			}
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			output, failed := check(t, repository)
			if c.told == "" {
				require.False(t, failed, output)
				return
			}
			require.True(t, failed, "nobody noticed")
			require.Contains(t, output, c.told)
			require.Len(t, failure.FindAllString(output, -1), 1, "there is more than one failure:\n%s", output)
			t.Logf("told:\n%s", output)
		})
	}
}

// failure is a test that fails, or a step of the generator.
var failure = regexp.MustCompile(`(?m)^ *--- FAIL: |^tools\.go:\d+: running |^# github\.com/`)

func (e edit) apply(t *testing.T, text string) string {
	t.Helper()
	require.Equal(t, e.times, strings.Count(text, e.old), "the document does not have this as often as it should:\n%s", e.old)
	return strings.ReplaceAll(text, e.old, e.new)
}

// check does in a copy of the repository what api/README.md says: it generates, and runs the guards and the compiler.
func check(t *testing.T, repository string) (output string, failed bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-s", "generate", "guards")
	command.Dir = repository
	command.Env = append(os.Environ(), "MAKEFLAGS=")
	text, err := command.CombinedOutput()
	return string(text), err != nil
}

// copyOfRepository copies what belongs to the repository, committed or not, and returns where it is.
func copyOfRepository(t *testing.T) string {
	t.Helper()
	const top = "../../.."
	// Always the same directory, so that the compiler finds what it has compiled before. The go command sees no
	// directory with a dot in front, so the copy is no part of this module.
	to, err := filepath.Abs(filepath.Join(top, ".cache", "rehearsal"))
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(to))
	list := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	list.Dir = top
	names, err := list.Output()
	require.NoError(t, err)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(top, name))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		require.NoError(t, err)
		target := filepath.Join(to, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o750))
		require.NoError(t, os.WriteFile(target, text, 0o600))
	}
	return to
}
