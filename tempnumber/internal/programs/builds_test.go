//go:build unix

package programs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Half of the programs believe in another limit. Each counts by its own what all of them hold.
func TestProgramsWithOtherLimits(t *testing.T) {
	t.Parallel()
	server := crew{share: t.TempDir(), limit: 20, during: 6 * time.Second, change: func(i int, cmd *exec.Cmd) {
		if i%2 == 0 {
			cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", limitVariable, []int{5, 19}[i/2%2]))
		}
	}}.ask(t)
	require.Greater(t, len(server.Requests()), 20)
}

// Half of the programs are of a later version, whose entries have a format that the others do not know. These cannot
// tell what the later ones send, so they send nothing beside them, say why, and do not crash.
func TestProgramsOfTwoVersions(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds another program")
	}
	dir := t.TempDir()
	source, err := filepath.Abs("../share/fact.go")
	require.NoError(t, err)
	now, err := os.ReadFile(source)
	require.NoError(t, err)
	changed := strings.Replace(string(now), "\nconst format = 1\n", "\nconst format = 2\n", 1)
	require.NotEqual(t, string(now), changed)
	later := filepath.Join(dir, "fact.go")
	require.NoError(t, os.WriteFile(later, []byte(changed), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{source: later}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	binary := filepath.Join(dir, "later.test")
	out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)

	const during = 8 * time.Second
	var mu sync.Mutex
	said := make(map[string]int)
	server := crew{share: filepath.Join(dir, "share"), limit: 20, during: during, change: func(i int, cmd *exec.Cmd) {
		if i%2 == 0 {
			cmd.Path, cmd.Args = binary, []string{binary}
			cmd.Env = append(cmd.Env, agentVariable+"=later")
		}
	}, said: func(_ int, line string) {
		mu.Lock()
		defer mu.Unlock()
		for _, line := range strings.Split(strings.TrimSpace(line), "\n") {
			if strings.Contains(line, "panic") {
				t.Error(line)
			}
			said[strings.Fields(line)[0]]++
		}
	}}.ask(t)
	of := make(map[bool]int)
	for _, r := range server.Requests() {
		of[strings.Contains(r.UserAgent, "later")]++
	}
	t.Logf("%d requests of the later version, %d of this one; %v", of[true], of[false], said)
	require.Greater(t, of[true], 20)
	require.Less(t, of[false], 30, "only before they noticed")
	require.NotZero(t, said["error"])
}

// A program that stands still over HTTP/2 sends nothing late, though its requests share a connection.
func TestLimitOfProgramsOverHTTP2(t *testing.T) {
	t.Parallel()
	during, longest := 8*time.Second, 5
	if *long {
		during, longest = 4*time.Minute, 90
	}
	server := crew{share: t.TempDir(), limit: 20, during: during, http2: true, trouble: func(programs []*exec.Cmd, _ func(int)) {
		time.Sleep(700 * time.Millisecond)
		stop(t, programs[rand.IntN(len(programs))], time.Duration(1+rand.IntN(longest))*time.Second)
	}}.ask(t)
	require.Greater(t, len(server.Requests()), 20)
}
