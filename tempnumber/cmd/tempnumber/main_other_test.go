//go:build !unix

package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// programVariable makes the test the program itself.
const programVariable = "TEMPNUMBER_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process returns a call of the program, whose home is a directory of the test.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVariable+"=1", "USERPROFILE="+home, "XDG_STATE_HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	return cmd
}

func TestReceiveOffline(t *testing.T) {
	out, err := process(t, "receive", "facebook", "us", "--mock", "--quiet").Output()
	require.NoError(t, err)
	require.Regexp(t, `^\d{6}\n$`, string(out))
}

func TestExitCode(t *testing.T) {
	err := process(t, "wait").Run()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 2, exit.ExitCode())
}

// Two programs share a key by a file, and see one service.
func TestOrderAndWait(t *testing.T) {
	mock := process(t, "mock", "--quiet")
	stdout, err := mock.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, mock.Start())
	defer func() {
		_ = mock.Process.Kill() // there is no signal that asks it to end
		_ = mock.Wait()
	}()
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	url = strings.TrimSpace(url)

	home := t.TempDir()
	run := func(args ...string) string {
		cmd := process(t, args...)
		cmd.Env = append(cmd.Env, "TEMPNUMBER_BASE_URL="+url, "TEMPNUMBER_API_KEY=offline-key", "XDG_STATE_HOME="+home)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return strings.TrimSpace(string(out))
	}
	id, number, found := strings.Cut(run("order", "facebook", "us", "--quiet"), " ")
	require.True(t, found)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/control/sms", strings.NewReader(`{"number": "`+number+`", "text": "Your code is 05678"}`))
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request) //nolint:forbidigo // of a program that ends with the test
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "05678", run("wait", id, "--quiet", "--timeout", "30s"))
	run("status") // reads what is shared, without a request
}
