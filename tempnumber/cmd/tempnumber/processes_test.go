//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// process prepares the program in a process of its own.
func process(ctx context.Context, t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Args[0] = "tempnumber" // which TestMain goes by
	cmd.Env = append([]string{"HOME=" + t.TempDir(), soonGone}, env...)
	if testing.CoverMode() != "" { // or it warns that what it covers is not kept
		cmd.Env = append(cmd.Env, "GOCOVERDIR="+t.TempDir())
	}
	return cmd
}

// offlineService runs tempnumber mock until the test ends, and returns its URL.
func offlineService(t testing.TB, args ...string) string {
	t.Helper()
	cmd := process(context.WithoutCancel(t.Context()), t, nil, append([]string{"mock", "--quiet"}, args...)...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait(), "it ends well")
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(url)
}

// Many processes order, as many others wait by the ids alone, and while they wait
// each number is sent a code of its own.
func TestManyProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	url := offlineService(t, "--lenient")
	box, err := control.NewClient(url)
	require.NoError(t, err)
	env := []string{"TEMPNUMBER_BASE_URL=" + url, "TEMPNUMBER_API_KEY=" + tempnumbertest.DefaultKey}

	var ordered, done sync.WaitGroup
	type wait struct {
		number, want string
		cmd          *exec.Cmd
		out          bytes.Buffer
	}
	waits := make([]wait, pairs)
	for n := range waits {
		ordered.Go(func() {
			out, err := process(t.Context(), t, env, "order", "facebook", "us").Output()
			id, number, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
			w := &waits[n]
			w.number, w.want = number, fmt.Sprintf("%05d\n", n)
			w.cmd = process(t.Context(), t, env, "wait", id, "--timeout", "2m")
			w.cmd.Stdout = &w.out
			if err == nil {
				err = w.cmd.Start()
			}
			assert.NoError(t, err)
		})
	}
	ordered.Wait()
	for n := range waits {
		w := &waits[n]
		require.NoError(t, box.DeliverSMSTo(t.Context(), w.number, "Your code is "+w.want))
		done.Go(func() { assert.NoError(t, w.cmd.Wait()) })
	}
	done.Wait()

	for n := range waits {
		require.Equal(t, waits[n].want, waits[n].out.String(), "none stolen, none mixed up")
	}
	requests, err := box.Requests(t.Context(), tempnumbertest.AnyEndpoint)
	require.NoError(t, err)
	orders := 0
	for _, r := range requests {
		require.NotEqual(t, 429, r.Status)
		if r.Endpoint == tempnumber.EndpointCreateActivation {
			orders++
		}
	}
	require.Equal(t, pairs, orders, "none bought twice")
}
