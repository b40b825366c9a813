//go:build !windows

package journal

import (
	"errors"
	"os"
	"syscall"
)

// isRunning reports whether a process runs. Signal 0 asks that, and is refused by one of another user's.
func isRunning(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
