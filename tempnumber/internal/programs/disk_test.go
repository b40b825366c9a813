//go:build linux

package programs

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/filelog"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// withDisk runs a test once more in a process that may mount a disk of its own, which is in memory, and
// returns its directory there, "" to the first process. Where that is not allowed the test is skipped.
func withDisk(t *testing.T, options string) (dir string) {
	t.Helper()
	const variable = "PROGRAMS_DISK"
	if os.Getenv(variable) == "" {
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=1m")
		cmd.Env = append(os.Environ(), variable+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
		out, err := cmd.CombinedOutput()
		if len(out) == 0 && err != nil {
			t.Skip("a process of its own disk is not allowed here:", err)
		}
		require.NoError(t, err, "%s", out)
		t.Logf("%s", out)
		return ""
	}
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skip("a disk cannot be mounted here:", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}

// A disk that has no byte left ends calls by an error that says so. Nothing is sent meanwhile, and nothing is lost.
func TestDiskWithoutRoom(t *testing.T) {
	t.Parallel()
	dir := withDisk(t, "size=64k")
	if dir == "" {
		return
	}
	server := tempnumbertest.NewServer()
	share := tempnumber.WithSharing(filelog.In(filepath.Join(dir, "share")))
	client := server.Client(t, share)
	_, err := client.Balance(t.Context())
	require.NoError(t, err)
	stuffing := filepath.Join(dir, "stuffing")
	require.ErrorIs(t, os.WriteFile(stuffing, make([]byte, 1<<20), 0o600), syscall.ENOSPC)
	fillPage(t, filepath.Join(dir, "share"))
	mustFail(t, server.Client(t, share), 3*time.Second, "no space left on device")
	_, err = client.Balance(t.Context())
	require.ErrorIs(t, err, tempnumber.ErrSharing, "whose context does not end")
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Len(t, server.Requests(), 1, "nothing is sent")
	require.NoError(t, os.Remove(stuffing))
	for _, c := range []*tempnumber.Client{client, server.Client(t, share)} {
		_, err = c.Balance(t.Context())
		require.NoError(t, err, "there is room again, and nothing was lost")
	}
}

// A program was stopped while it held the log. Nobody breaks its lock, and calls end by the reason.
func TestLogThatIsHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := tempnumbertest.NewServer()
	client := server.Client(t, tempnumber.WithSharing(filelog.In(dir)))
	_, err := client.Balance(t.Context())
	require.NoError(t, err)
	names, err := filepath.Glob(filepath.Join(dir, "*.lock"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	holder := exec.CommandContext(t.Context(), "flock", "-F", names[0], "sleep", "60")
	if _, err := exec.LookPath("flock"); err != nil {
		t.Skip("needs flock, of util-linux")
	}
	require.NoError(t, holder.Start())
	require.Eventually(t, func() bool { return exec.CommandContext(t.Context(), "flock", "-n", names[0], "true").Run() != nil }, 5*time.Second, 10*time.Millisecond)
	mustFail(t, client, 2*time.Second, "another program holds the log")
	mustFail(t, server.Client(t, tempnumber.WithSharing(filelog.In(dir))), 2*time.Second, "another program holds the log")
	_, err = client.Balance(t.Context())
	require.ErrorIs(t, err, sharing.ErrBusy)
	require.Len(t, server.Requests(), 1)
	require.NoError(t, holder.Process.Kill())
	_ = holder.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = client.Balance(ctx)
	require.NoError(t, err)
}

// fillPage uses up what is left of a log's last page, by entries that nobody can read.
func fillPage(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	log, err := filelog.In(dir).Open(strings.TrimSuffix(filepath.Base(names[0]), ".log"))
	require.NoError(t, err)
	v, err := log.Read(t.Context(), sharing.Cursor{})
	require.NoError(t, err)
	for range 10_000 {
		if _, err = log.Append(t.Context(), sharing.Append{After: v.Cursor(sharing.Cursor{})}); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
}

// On a disk that can only be read no log is opened, and one that was opened before sends nothing.
func TestDiskThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := withDisk(t, "size=1m")
	if dir == "" {
		return
	}
	server := tempnumbertest.NewServer()
	for _, used := range []bool{false, true} {
		share := filelog.In(filepath.Join(dir, map[bool]string{false: "new", true: "used"}[used]))
		require.NoError(t, os.MkdirAll(string(share), 0o700))
		var client *tempnumber.Client
		if used {
			client = server.Client(t, tempnumber.WithSharing(share))
			_, err := client.Balance(t.Context())
			require.NoError(t, err)
		}
		require.NoError(t, unix.Mount(dir, dir, "", unix.MS_BIND, ""))
		require.NoError(t, unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
		_, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithSharing(share))
		require.ErrorIs(t, err, tempnumber.ErrSharing)
		require.ErrorIs(t, err, syscall.EROFS)
		t.Log(err)
		if used {
			mustFail(t, client, 3*time.Second, "read-only file system")
		}
		require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH))
		if used {
			_, err = client.Balance(t.Context())
			require.NoError(t, err)
		}
	}
	require.Len(t, server.Requests(), 2)
}
