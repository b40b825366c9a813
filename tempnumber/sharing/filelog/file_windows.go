package filelog

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// guardSuffix is that of the file that programs lock. Windows lets nobody read a file that is locked, the one
// who locked it included, so it is not the lock file, which has something in it.
const guardSuffix = ".guard"

// stateFlags are those to write the lock file with.
const stateFlags = os.O_RDWR | os.O_CREATE

// logFile is the file of a log. Windows replaces no file that anybody has open, so it is opened for each use.
type logFile struct {
	path string
	id   fs.FileInfo // knows the file again
}

var errReplaced = errors.New("another file has taken its name")

func openFile(path string) (*logFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the program says where logs are
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return &logFile{path, info}, errors.Join(err, f.Close())
}

// use opens the file, if it is still the same, and closes it afterwards.
func (l *logFile) use(do func(*os.File) error) error {
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && !os.SameFile(info, l.id) {
		err = errReplaced
	}
	if err == nil {
		err = do(f)
	}
	return errors.Join(err, f.Close())
}

// Stat describes the file as it is, or as it was when it was opened, if another has taken its name.
func (l *logFile) Stat() (info fs.FileInfo, err error) {
	err = l.use(func(f *os.File) error { info, err = f.Stat(); return err })
	if errors.Is(err, errReplaced) || errors.Is(err, fs.ErrNotExist) {
		return l.id, nil
	}
	return info, err
}

func (l *logFile) ReadAt(b []byte, from int64) (n int, err error) {
	err = l.use(func(f *os.File) error { n, err = f.ReadAt(b, from); return err })
	return n, err
}

func (l *logFile) WriteAt(b []byte, to int64) (n int, err error) {
	err = l.use(func(f *os.File) error { n, err = f.WriteAt(b, to); return err })
	return n, err
}

func (l *logFile) Truncate(size int64) error {
	return l.use(func(f *os.File) error { return f.Truncate(size) })
}

func (l *logFile) Close() error { return nil }

// rename waits for those who read the file that is replaced. They need no lock, and take no time.
func rename(from, to string) error {
	const patience, pause = time.Second, time.Millisecond
	timer := time.NewTimer(0)
	defer timer.Stop()
	for over := time.Now().Add(patience); ; timer.Reset(pause) {
		<-timer.C
		err := os.Rename(from, to)
		held := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !held || time.Now().After(over) {
			return err
		}
	}
}
