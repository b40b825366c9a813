//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// A number that was paid for is told, whatever becomes of the output and of the
// process: on standard error at once, or by the next command.
func TestPaidAndTold(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { full.Close() })
	const number, id, orders = "+18454076623", "12312", tempnumber.EndpointCreateActivation

	for _, c := range []struct {
		name string
		args []string
		// answer is what becomes of the order at the service.
		answer string
		// out is where standard output goes, log where standard error goes.
		out, log string
		env      []string
		signal   syscall.Signal // sent when the order is at the service
		exit     int
		// told is where the number must be read: "stderr", "stdout", or "recover" for the
		// command that follows.
		told string
	}{
		{name: "order, stdout full", args: []string{"order"}, out: "full", exit: 1, told: "stderr"},
		{name: "order, stdout closed", args: []string{"order"}, out: "closed", exit: 1, told: "stderr"},
		{name: "order, stdout without reader", args: []string{"order"}, out: "pipe", exit: 1, told: "stderr"},
		{name: "order --json, stdout full", args: []string{"order", "--json"}, out: "full", exit: 1, told: "stderr"},
		{name: "order --quiet, stdout full", args: []string{"order", "--quiet"}, out: "full", exit: 1, told: "stderr"},
		{name: "receive --json, stdout full", args: []string{"receive", "--json"}, out: "full", exit: 1, told: "stderr"},
		{name: "receive, stdout closed", args: []string{"receive"}, out: "closed", exit: 1, told: "stderr"},
		{name: "receive -o jsonl, stdout full", args: []string{"receive", "-o", "jsonl"}, out: "full", exit: 1, told: "stderr"},
		{name: "order, step output full", args: []string{"order", "--github-output"}, env: []string{"GITHUB_OUTPUT=/dev/full"}, exit: 1, told: "stderr"},
		{name: "order, both streams full", args: []string{"order"}, out: "full", log: "full", exit: 1, told: "recover"},
		{name: "order, both streams closed", args: []string{"order"}, out: "closed", log: "closed", exit: 1, told: "recover"},
		{name: "receive --quiet, SIGKILL while waiting", args: []string{"receive", "--quiet", "--timeout", "10m"}, answer: "no sms", signal: syscall.SIGKILL, exit: -1, told: "recover"},
		{name: "receive --quiet, SIGHUP while waiting", args: []string{"receive", "--quiet", "--timeout", "10m"}, answer: "no sms", signal: syscall.SIGHUP, exit: 130, told: "stderr"},
		{name: "order, SIGINT during the order", args: []string{"order"}, answer: "slow", signal: syscall.SIGINT, exit: 130, told: "stderr"},
		{name: "order, SIGTERM during the order", args: []string{"order"}, answer: "slow", signal: syscall.SIGTERM, exit: 130, told: "stderr"},
		{name: "order, SIGHUP during the order", args: []string{"order"}, answer: "slow", signal: syscall.SIGHUP, exit: 130, told: "stderr"},
		{name: "receive --json, SIGTERM during the order", args: []string{"receive", "--json"}, answer: "slow", signal: syscall.SIGTERM, exit: 130, told: "stderr"},
		{name: "order, --timeout during the order", args: []string{"order", "--timeout", "300ms"}, answer: "slow", exit: 1, told: "stderr"},
		{name: "receive, --timeout during the order", args: []string{"receive", "--timeout", "300ms"}, answer: "slow", exit: 1, told: "stderr"},
		{name: "order, SIGKILL during the order", args: []string{"order"}, answer: "slow", signal: syscall.SIGKILL, exit: -1, told: "recover"},
		{name: "order, SIGTERM, answer never comes", args: []string{"order"}, answer: "never", signal: syscall.SIGTERM, exit: 130, told: "recover"},
		{name: "order, --timeout, answer never comes", args: []string{"order", "--timeout", "300ms"}, answer: "never", exit: 1, told: "recover"},
		{name: "order, answer lost", args: []string{"order"}, answer: "lost", exit: 1, told: "stderr"},
		{name: "order --json, answer lost", args: []string{"order", "--json"}, answer: "lost", exit: 1, told: "stderr"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mockArgs := []string{}
			if c.answer != "no sms" {
				mockArgs = append(mockArgs, "--auto-sms", "0s")
			}
			url := offlineService(t, mockArgs...)
			steer, err := control.NewClient(url)
			require.NoError(t, err)
			switch c.answer {
			case "slow":
				require.NoError(t, steer.Fail(t.Context(), control.Fault{Endpoint: orders, Times: 1, Delay: control.Duration(1500 * time.Millisecond)}))
			case "never":
				require.NoError(t, steer.Fail(t.Context(), control.Fault{Endpoint: orders, Times: 1, AfterCommit: true, Hang: true}))
			case "lost":
				require.NoError(t, steer.Fail(t.Context(), control.Fault{Endpoint: orders, Times: 1, AfterCommit: true, Drop: true}))
			}
			home := t.TempDir()
			env := append([]string{
				"HOME=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state"),
				"TEMPNUMBER_BASE_URL=" + url, "TEMPNUMBER_API_KEY=offline-key",
			}, c.env...)

			args := append([]string{c.args[0], "facebook", "us"}, c.args[1:]...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := process(ctx, t, env, args...)
			var out, log bytes.Buffer
			redirect(t, cmd, c.out, c.log, full, &out, &log)
			require.NoError(t, cmd.Start())
			if c.signal != 0 {
				require.Eventually(t, func() bool {
					requests, err := steer.Requests(t.Context(), orders)
					if c.answer == "no sms" {
						requests, err = steer.Requests(t.Context(), tempnumber.EndpointGetActivation)
					}
					return err == nil && len(requests) > 0
				}, 30*time.Second, 20*time.Millisecond)
				require.NoError(t, cmd.Process.Signal(c.signal))
			}
			err = cmd.Wait()
			code := 0
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				code = exit.ExitCode()
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, c.exit, code, "%s", log.String())

			require.Eventually(t, func() bool { // an order on its way is carried out without its sender
				bought, err := steer.Activations(t.Context())
				return err == nil && len(bought) > 0
			}, 30*time.Second, 20*time.Millisecond)
			where := ""
			switch {
			case strings.Contains(log.String(), id) && strings.Contains(log.String(), number):
				where = "stderr"
			case strings.Contains(out.String(), id+" "+number):
				where = "stdout"
			}
			next := process(ctx, t, env, "order", "google", "us", "--no-journal")
			require.NoError(t, next.Run(), "an order without a journal does not look into it")
			notice := process(ctx, t, env, "order", "google", "us")
			var noticed bytes.Buffer
			notice.Stderr = &noticed
			require.NoError(t, notice.Run())
			recovered, err := process(ctx, t, env, "recover").Output()
			if where == "" && err == nil && strings.Contains(string(recovered), id) && strings.Contains(string(recovered), number) {
				where = "recover"
				require.Contains(t, noticed.String(), "an earlier order", "the next order says so at once")
			} else {
				require.Empty(t, noticed.String(), "nothing is told twice")
				require.NoError(t, err)
				require.Empty(t, recovered)
			}
			require.Equal(t, c.told, where, "stdout %q, stderr %q, recover %q", out.String(), log.String(), recovered)
			again, err := process(ctx, t, env, "recover").Output()
			require.NoError(t, err)
			require.Empty(t, again, "it is done with")
			t.Logf("| %s | exit %d | %s | %s", c.name, code, where, strings.ReplaceAll(log.String(), "\n", " / "))
		})
	}
}

// redirect points the streams of a command where they are to go.
func redirect(t *testing.T, cmd *exec.Cmd, out, log string, full *os.File, outBuffer, logBuffer *bytes.Buffer) {
	t.Helper()
	cmd.Stdout, cmd.Stderr = outBuffer, logBuffer
	shell := ""
	switch out {
	case "full":
		cmd.Stdout = full
	case "closed":
		shell += " >&-"
	case "pipe":
		reader, writer, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, reader.Close())
		cmd.Stdout = writer
		t.Cleanup(func() { _ = writer.Close() })
	}
	switch log {
	case "full":
		cmd.Stderr = full
	case "closed":
		shell += " 2>&-"
	}
	if shell != "" {
		// The shell gives its own place to the program, which is found by its name.
		bin := t.TempDir()
		require.NoError(t, os.Symlink(cmd.Path, filepath.Join(bin, "tempnumber")))
		cmd.Args = append([]string{"sh", "-c", `exec "$0" "$@"` + shell, "tempnumber"}, cmd.Args[1:]...)
		cmd.Env = append(cmd.Env, "PATH="+bin)
		cmd.Path = "/bin/sh"
	}
}

// A program that throws the answer away may open the null device for reading and
// writing; that is no failure of a command that costs nothing.
func TestNullDevice(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	require.NoError(t, err)
	defer null.Close()
	cmd := process(t.Context(), t, nil, "version")
	cmd.Stdout = null
	require.NoError(t, cmd.Run())
}
