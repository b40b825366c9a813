//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// startMock is the script command "mock [flags]": it runs tempnumber mock until
// the script ends and points the script's environment at it. "mock stop" ends it
// before, and wants it to end well.
func startMock(ts *testscript.TestScript, neg bool, args []string) {
	running, _ := ts.Value(runningMock{}).(*[]*exec.Cmd)
	if neg {
		ts.Fatalf("mock cannot be negated; use exits for a mock that does not start")
	}
	if len(args) == 1 && args[0] == "stop" {
		cmd := (*running)[len(*running)-1]
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
		ts.Check(cmd.Wait())
		return
	}
	cmd := command(ts, append([]string{"tempnumber", "mock"}, args...))
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	log, err := os.Create(filepath.Join(ts.Getenv("WORK"), "mock.log"))
	ts.Check(err)
	cmd.Stderr = log
	ts.Check(cmd.Start())
	*running = append(*running, cmd)
	ts.Defer(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait()
		}
		_ = log.Close()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		ts.Fatalf("mock does not start: %v\n%s", err, text)
	}
	ts.Setenv("TEMPNUMBER_BASE_URL", strings.TrimSpace(url))
	ts.Setenv("TEMPNUMBER_API_KEY", "offline-key")
}

// runningMock is the key of the mocks that a script has started.
type runningMock struct{}

// controlCommand is the script command "control METHOD PATH [JSON]": a request to the
// control API, whose answer goes to stdout.
func controlCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: control METHOD PATH [JSON]")
	}
	req, err := http.NewRequestWithContext(context.Background(), args[0], ts.Getenv("TEMPNUMBER_BASE_URL")+args[1], strings.NewReader(strings.Join(args[2:], " ")))
	ts.Check(err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	if good := resp.StatusCode < 300; good == neg {
		ts.Fatalf("the control API answered %s", resp.Status)
	}
}

// exits is the script command "exits CODE COMMAND...": it runs the command, which
// must end with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// onTerminal is the script command
// "terminal [-columns N] [-until REGEX [-type TEXT]] CODE COMMAND...": it runs a
// command whose standard streams are a terminal of 100 columns or so many, copies
// what the terminal got to stdout, and writes what it shows in the end to the file
// screen. When the output matches the expression, it types the text; without one it
// interrupts the command. (It does not type Ctrl-C: a terminal may throw away what
// is written just then.)
func onTerminal(ts *testscript.TestScript, neg bool, args []string) {
	var typed, until string
	columns := 100
	for len(args) > 2 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-type":
			typed = args[1] + "\r"
		case "-until":
			until = args[1]
		case "-columns":
			var err error
			columns, err = strconv.Atoi(args[1])
			ts.Check(err)
		}
		args = args[2:]
	}
	if neg || len(args) < 2 {
		ts.Fatalf("usage: terminal [-until REGEX [-type TEXT]] CODE COMMAND...")
	}
	cmd := command(ts, args[1:])
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: uint16(columns)})
	ts.Check(err)
	defer screen.Close()
	written := watch(screen, until, func() {
		if typed == "" {
			_ = cmd.Process.Signal(os.Interrupt)
			return
		}
		_, _ = io.WriteString(screen, typed)
	})
	code := 0
	var exit *exec.ExitError
	if err := cmd.Wait(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	fmt.Fprint(ts.Stdout(), strings.ReplaceAll(string(written), "\r\n", "\n"))
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(rendered(string(written), columns)), 0o600))
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s, after\n%s", code, args[0], written)
	}
}

// watch reads to the end, and calls matched once when an expression matches.
func watch(r io.Reader, expression string, matched func()) []byte {
	var all bytes.Buffer
	part := make([]byte, 4096)
	for {
		n, err := r.Read(part)
		all.Write(part[:n])
		if expression != "" && regexp.MustCompile(expression).Match(all.Bytes()) {
			expression = ""
			matched()
		}
		if err != nil { // a terminal whose program has ended returns EIO
			return all.Bytes()
		}
	}
}

// command prepares a command with the environment of the script.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := args[0]
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		candidate := filepath.Join(dir, args[0])
		if info, err := os.Stat(candidate); err == nil && !info.IsDir() {
			path = candidate
			break
		}
	}
	cmd := exec.CommandContext(context.Background(), path, args[1:]...)
	cmd.WaitDelay = time.Minute
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{
		"PATH", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TZ", "TERM", "CI", "NO_COLOR", "GITHUB_ACTIONS", "GITHUB_OUTPUT",
		"TEMPNUMBER_API_KEY", "TEMPNUMBER_BASE_URL", "TEMPNUMBER_PLAIN_HTTP", "TEMPNUMBER_TIMEOUT", "TEMPNUMBER_MAX_PRICE", "TEMPNUMBER_OUTPUT", "TEMPNUMBER_CONFIG", "GORACE",
	} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

// scrub is the script command "scrub FILE...": it writes what differs from run to
// run in one way, in the output of the last command too.
func scrub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: scrub FILE...")
	}
	for _, name := range args {
		text := ts.ReadFile(name)
		for _, pattern := range [...][2]string{
			{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "MOMENT"},
			{`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`, "DATE AND TIME"},
			{`\d\d:\d\d:\d\d`, "TIME"},
			{`127\.0\.0\.1:\d+`, "127.0.0.1:PORT"},
			{`(time left +)\d+:\d\d`, "${1}M:SS"},
			{`("seconds_left": ?)\d+`, "${1}SECONDS"},
			{`,\d+,(true|false)\n`, ",SECONDS,${1}\n"},
		} {
			text = regexp.MustCompile(pattern[0]).ReplaceAllString(text, pattern[1])
		}
		ts.Check(os.WriteFile(ts.MkAbs(filepath.Base(name)+".scrubbed"), []byte(text), 0o600))
	}
}
