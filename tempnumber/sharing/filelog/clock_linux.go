package filelog

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const bootClock = unix.CLOCK_BOOTTIME

// bootID returns what tells one start of the machine from another.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(id))
}
