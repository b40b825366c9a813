//go:build unix

package examples_test

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// snippet is a block of code in the README.
var snippet = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

// TestREADME runs every snippet of the README as it stands: programs against the
// offline service, tests as tests, and shell sessions line by line.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	path := programs(t)
	counts := map[string]int{}
	for _, found := range snippet.FindAllStringSubmatch(string(readme), -1) {
		language, code := found[1], found[2]
		kind := ""
		switch {
		case language == "go" && strings.HasPrefix(code, "package main\n"):
			kind = "program"
		case language == "go":
			kind = "test"
		case language == "sh" && strings.HasPrefix(code, "go install "):
			kind = "install"
		case language == "sh":
			kind = "shell"
		default:
			t.Errorf("nothing runs a snippet in %q:\n%s", language, code)
		}
		counts[kind]++
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			runSnippet(t, path, kind, code)
		})
	}
	require.Equal(t, map[string]int{"program": 1, "test": 1, "install": 1, "shell": 3}, counts)
}

// runSnippet runs one snippet. What is built is built with the build cache of the one who tests.
func runSnippet(t *testing.T, path, kind, code string) {
	t.Helper()
	switch kind {
	case "program":
		file := write(t, "main.go", code)
		program := filepath.Join(t.TempDir(), "program.exe")
		run(t, os.Environ(), "go", "build", "-ldflags=-s -w", "-o", program, file)
		out := run(t, service(t, path), program)
		require.Regexp(t, `(?m)^the code: \d{6}$`, out)
	case "test":
		file := write(t, "signup_test.go", code)
		require.Contains(t, run(t, os.Environ(), "go", "test", "-vet=off", "-v", "-count=1", file), "--- PASS: Test")
	case "install": // the newest release is somewhere else; it must be the right package
		target, version, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(code, "go install ")), "@")
		require.True(t, ok)
		require.Equal(t, "latest", version)
		require.Equal(t, "main\n", run(t, os.Environ(), "go", "list", "-f", "{{.Name}}", target))
	case "shell":
		out := run(t, service(t, path), "bash", "-e", "-u", "-o", "pipefail", "-c", strings.ReplaceAll(code, "8025", port(t))+"\nwait\n")
		if strings.Contains(code, "05678") {
			require.Contains(t, out, `"code":"05678"`)
		}
	}
}

// service runs the offline service, and returns an environment that points at it.
func service(t *testing.T, path string) []string {
	t.Helper()
	name := ""
	for dir := range strings.SplitSeq(strings.TrimPrefix(path, "PATH="), string(os.PathListSeparator)) {
		name = filepath.Join(dir, "tempnumber") // the first directory is programs' own
		break
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, "mock", "--quiet", "--auto-sms", "0s")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait())
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	home := t.TempDir()
	return append(os.Environ(), path, "TEMPNUMBER_BASE_URL="+strings.TrimSpace(url), "TEMPNUMBER_API_KEY=offline-key",
		"XDG_STATE_HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
}

// port returns a port that is free now.
func port(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}

// write writes a file into a directory of its own.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// run runs a command that must succeed, and returns all that it writes.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
