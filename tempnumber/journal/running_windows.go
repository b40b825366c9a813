package journal

import (
	"errors"
	"os"
	"syscall"
)

// isRunning reports whether a process runs. One that has ended can still be opened while somebody holds it, so it
// is asked whether it ends within no time.
func isRunning(pid int) bool {
	process, err := syscall.OpenProcess(syscall.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return errors.Is(err, os.ErrPermission)
	}
	defer func() { _ = syscall.CloseHandle(process) }()
	event, err := syscall.WaitForSingleObject(process, 0)
	return err == nil && event == syscall.WAIT_TIMEOUT
}
