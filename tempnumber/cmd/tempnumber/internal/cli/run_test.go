package cli

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// tool is the program inside the test's process, with an environment of its own.
type tool struct {
	env       map[string]string
	newClient func(key string, opts ...tempnumber.Option) (*tempnumber.Client, error)
}

// apart returns a tool whose commands have nothing in common but the server and the
// home directory, as separate processes.
func apart(t *testing.T, server *tempnumbertest.Server) *tool {
	t.Helper()
	home := t.TempDir()
	return &tool{
		env: map[string]string{
			"TEMPNUMBER_API_KEY": tempnumbertest.DefaultKey, "XDG_CONFIG_HOME": home + "/config", "XDG_CACHE_HOME": home + "/cache", "XDG_STATE_HOME": home + "/state", "TEMPNUMBER_SHARE": "off", // the log has a real clock
		},
		newClient: func(key string, opts ...tempnumber.Option) (*tempnumber.Client, error) {
			return tempnumber.New(key, append(opts, tempnumber.WithHTTPClient(&http.Client{Transport: server.Transport()}))...)
		},
	}
}

// together returns a tool whose commands share a client, as within one process.
func together(t *testing.T, server *tempnumbertest.Server) *tool {
	t.Helper()
	o, client := apart(t, server), server.Client(t)
	o.newClient = func(string, ...tempnumber.Option) (*tempnumber.Client, error) { return client, nil }
	return o
}

// run carries out one command line.
func (o *tool) run(ctx context.Context, args ...string) (stdout, stderr string, exitCode int) {
	var out, errs bytes.Buffer
	env := Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(name string) string { return o.env[name] }, NewClient: o.newClient,
	}
	exitCode = Run(ctx, env, args)
	return out.String(), errs.String(), exitCode
}
