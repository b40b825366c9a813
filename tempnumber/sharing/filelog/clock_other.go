//go:build !linux && !darwin && !windows

package filelog

import "time"

// settable reports whether somebody can set the clock.
const settable = true

// now returns the wall clock, for want of one that all programs of the machine share and nobody can set.
func now() time.Duration { return time.Duration(time.Now().UnixNano()) }

// bootID returns what tells one start of the machine from another. The wall clock goes on.
func bootID() string { return "wall" }
