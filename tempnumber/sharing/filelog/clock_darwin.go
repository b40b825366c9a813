package filelog

import "golang.org/x/sys/unix"

const bootClock = unix.CLOCK_MONOTONIC_RAW

// bootID returns what tells one start of the machine from another.
func bootID() string {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return "unknown"
	}
	return id
}
