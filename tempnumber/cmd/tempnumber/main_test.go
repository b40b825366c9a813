//go:build unix

package main

import (
	"flag"
	"os"
	"os/exec"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts drive the program itself, in processes of its own. Most of their time they wait.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"tempnumber": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			// The directory of the script is the whole home: nothing of the user who runs
			// the tests gets in.
			env.Vars = append(env.Vars, "HOME="+env.WorkDir, "XDG_CONFIG_HOME="+env.WorkDir+"/config", "XDG_CACHE_HOME="+env.WorkDir+"/cache", "XDG_STATE_HOME="+env.WorkDir+"/state",
				"TZ=UTC", "TERM=xterm", soonGone)
			env.Values[runningMock{}] = new([]*exec.Cmd)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mock":     startMock,
			"control":  controlCommand,
			"exits":    exits,
			"terminal": onTerminal,
			"scrub":    scrub,
		},
	})
}

// soonGone has a program that was built for the race detector end at once, and not wait a second for what
// other threads may still find.
const soonGone = "GORACE=atexit_sleep_ms=0"
