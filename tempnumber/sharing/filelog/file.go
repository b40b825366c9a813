//go:build !windows

package filelog

import "os"

// guardSuffix is that of the file that programs lock: the lock file itself.
const guardSuffix = ".lock"

// stateFlags are those to write the lock file with, which is there since it was locked.
const stateFlags = os.O_RDWR

// logFile is the file of a log. It stays open, so that it is known again when another takes its name.
type logFile = os.File

func openFile(path string) (*logFile, error) {
	return os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the program says where logs are
}

func rename(from, to string) error { return os.Rename(from, to) }
