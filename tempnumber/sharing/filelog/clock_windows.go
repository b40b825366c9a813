package filelog

import (
	"time"

	"golang.org/x/sys/windows"
)

// settable reports whether somebody can set the clock.
const settable = false

// now returns the time since the machine started, the time that it slept included.
func now() time.Duration { return windows.DurationSinceBoot() }

// bootID returns what tells one start of the machine from another: nothing does, but the clock then shows less than before.
func bootID() string { return "since boot" }
