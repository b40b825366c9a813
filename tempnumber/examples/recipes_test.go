//go:build unix

// Package examples_test runs the recipes that are not Go programs, with the tool
// and the app built from this tree.
package examples_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// bin is a directory for the tool and the app under test, for as long as the tests run.
var bin string

func TestMain(m *testing.M) {
	var err error
	if bin, err = os.MkdirTemp("", "examples"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(bin)
	os.Exit(code)
}

// build builds the tool and the app under test, once for all tests.
var build = sync.OnceValues(func() ([]byte, error) {
	return exec.CommandContext(context.Background(), "go", "build", "-ldflags=-s -w", "-o", bin, "../cmd/tempnumber", "./signupapp").CombinedOutput()
})

// programs returns a PATH that finds the tool and the app under test first.
func programs(t *testing.T) string {
	t.Helper()
	for _, needed := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skip("needs " + needed)
		}
	}
	out, err := build()
	require.NoError(t, err, "%s", out)
	return "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
}

func TestRecipes(t *testing.T) {
	t.Parallel()
	path := programs(t)
	t.Run("shell", func(t *testing.T) {
		t.Parallel()
		script := exec.CommandContext(t.Context(), "./shell/signup.sh")
		script.Env = []string{path, "HOME=" + t.TempDir()}
		out, err := script.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Regexp(t, `(?m)^verified \+1\d{10}$`, string(out))
		require.Contains(t, string(out), "no other SMS came")
	})
	t.Run("GitHub Actions", func(t *testing.T) {
		t.Parallel()
		flow := readWorkflow(t, "github-actions/sign-up.yml")
		job := flow.Jobs["sign-up"]
		require.NotEmpty(t, job.RunsOn)
		require.NotZero(t, job.TimeoutMinutes)
		require.Equal(t, map[string]string{"contents": "read"}, flow.Permissions)
		runner := newRunner(t, path)
		for _, s := range job.Steps {
			runner.step(s)
		}
		require.Regexp(t, `^\d{5}$`, runner.outputs["steps.sms.outputs.code"], "the code is handed on")
	})
}

// workflow is the part of a GitHub Actions workflow that the recipe uses. Fields
// that are not here are mistakes in it.
type workflow struct {
	Name        string            `yaml:"name"`
	On          map[string]any    `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		RunsOn         string `yaml:"runs-on"`
		TimeoutMinutes int    `yaml:"timeout-minutes"`
		Steps          []step `yaml:"steps"`
	} `yaml:"jobs"`
}

type step struct {
	ID   string            `yaml:"id"`
	Name string            `yaml:"name"`
	Uses string            `yaml:"uses"`
	With map[string]string `yaml:"with"`
	Env  map[string]string `yaml:"env"`
	Run  string            `yaml:"run"`
}

func readWorkflow(t *testing.T, path string) workflow {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	var w workflow
	require.NoError(t, decoder.Decode(&w))
	require.Contains(t, w.On, "push")
	return w
}

// runner does what GitHub's runner does with the steps of a job.
type runner struct {
	t         *testing.T
	dir, path string
	port      string            // a free one, in place of the one in the recipe
	env       map[string]string // set by steps for those after them
	outputs   map[string]string // by the expression that names them
}

func newRunner(t *testing.T, path string) *runner {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return &runner{t: t, dir: t.TempDir(), path: path, port: port, env: map[string]string{}, outputs: map[string]string{}}
}

// expression is what stands between the braces of ${{ … }}.
var expression = regexp.MustCompile(`\$\{\{ *([^ }]+) *\}\}`)

// step runs one step. Actions of others are not run, but must be pinned.
func (r *runner) step(s step) {
	r.t.Helper()
	if s.Uses != "" {
		require.Empty(r.t, s.Run)
		require.Regexp(r.t, `^[\w-]+/[\w-]+@[0-9a-f]{40}$`, s.Uses, "pinned by digest")
		return
	}
	require.NotEmpty(r.t, s.Run)
	require.NotRegexp(r.t, expression, s.Run, "values from outside come by env, so that they cannot become commands")
	if s.Name == "Install" {
		return // programs has built them
	}
	env := []string{r.path, "HOME=" + r.dir, "CI=true", "GITHUB_ACTIONS=true"}
	for _, name := range []string{"GITHUB_ENV", "GITHUB_OUTPUT"} {
		require.NoError(r.t, os.WriteFile(filepath.Join(r.dir, name), nil, 0o600))
		env = append(env, name+"="+filepath.Join(r.dir, name))
	}
	for name, value := range r.env {
		env = append(env, name+"="+value)
	}
	for name, value := range s.Env {
		env = append(env, name+"="+expression.ReplaceAllStringFunc(value, func(found string) string {
			named := expression.FindStringSubmatch(found)[1]
			require.Contains(r.t, r.outputs, named, "set by a step before")
			return r.outputs[named]
		}))
	}
	log, err := os.CreateTemp(r.dir, "log")
	require.NoError(r.t, err)
	cmd := exec.CommandContext(r.t.Context(), "bash", "-e", "-o", "pipefail", "-c", strings.ReplaceAll(s.Run, "8025", r.port))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, env, log, log
	// What a step leaves running ends with the job.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(r.t, cmd.Start())
	r.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	err = cmd.Wait()
	text, _ := os.ReadFile(log.Name())
	require.NoError(r.t, err, "%s: %s", s.Name, text)
	for name, value := range r.assignments("GITHUB_ENV") {
		r.env[name] = value
	}
	for name, value := range r.assignments("GITHUB_OUTPUT") {
		r.outputs[fmt.Sprintf("steps.%s.outputs.%s", s.ID, name)] = value
	}
}

// assignments reads one of the files that steps write into.
func (r *runner) assignments(file string) map[string]string {
	text, err := os.ReadFile(filepath.Join(r.dir, file))
	require.NoError(r.t, err)
	set := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		require.True(r.t, ok, line)
		set[name] = value
	}
	return set
}
