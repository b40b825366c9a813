//go:build linux || darwin

package filelog

import (
	"time"

	"golang.org/x/sys/unix"
)

// settable reports whether somebody can set the clock.
const settable = false

// now returns the time since the machine started, the time that it slept included.
func now() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(bootClock, &t); err != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(t.Nano())
}
