package journal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/journal"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("JOURNAL_TEST_DIR"); dir != "" {
		os.Exit(writeMany(dir))
	}
	goleak.VerifyTestMain(m)
}

func facebook() tempnumber.CreateActivationParams {
	return tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}
}

func open(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, "test")
	require.NoError(t, err)
	return j
}

// order orders a number with a new client, as another process would.
func order(t *testing.T, j *journal.Journal, server *tempnumbertest.Server) (*tempnumber.Activation, error) {
	t.Helper()
	client := server.Client(t, tempnumber.WithPurchaseHook(j.Hook))
	return j.Do(t.Context(), func(ctx context.Context) (*tempnumber.Activation, error) {
		return client.CreateActivation(ctx, facebook())
	})
}

func pending(t *testing.T, j *journal.Journal) []journal.Entry {
	t.Helper()
	entries, err := j.Pending()
	require.NoError(t, err)
	return entries
}

func TestOrderBought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, t.TempDir())
		a, err := order(t, j, tempnumbertest.NewServer())
		require.NoError(t, err)

		entries := pending(t, j)
		require.Len(t, entries, 1)
		e := entries[0]
		require.Equal(t, journal.Bought, e.State)
		require.Equal(t, a.ID, e.ID)
		require.Equal(t, a.Phone.E164(), e.Number)
		require.Equal(t, "facebook", e.Intent.ServiceID)
		require.Equal(t, "test", e.Account)
		require.True(t, e.Open())
		require.True(t, e.Running(), "this process")

		require.NoError(t, j.Told(a.ID))
		require.Empty(t, pending(t, j))
		entries, err = j.Entries()
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, journal.Closed, entries[0].State)
		require.Equal(t, a.ID, entries[0].ID)
	})
}

// What is written down is on disk before the order leaves.
func TestRecordBeforeOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, dir := tempnumbertest.NewServer(), t.TempDir()
		j := open(t, dir)
		var seen []journal.Entry
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				seen = pending(t, open(t, dir))
			}
			return server.Transport().RoundTrip(r)
		})
		client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithPurchaseHook(j.Hook),
			tempnumber.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		_, err = client.CreateActivation(t.Context(), facebook())
		require.NoError(t, err)
		require.Len(t, seen, 1)
		require.Equal(t, journal.Sent, seen[0].State)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOrderRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Status: 402})
		j := open(t, t.TempDir())
		_, err := order(t, j, server)
		require.ErrorIs(t, err, tempnumber.ErrInsufficientFunds)
		require.Empty(t, pending(t, j))
	})
}

func TestOrderWithoutHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, t.TempDir())
		client := tempnumbertest.NewServer().Client(t, tempnumber.WithPurchaseHook(j.Hook))
		_, err := j.Do(t.Context(), func(ctx context.Context) (*tempnumber.Activation, error) {
			return client.CreateActivation(ctx, tempnumber.CreateActivationParams{})
		})
		require.ErrorIs(t, err, tempnumber.ErrInvalidInput)
		entries, err := j.Entries()
		require.NoError(t, err)
		require.Empty(t, entries)
	})
}

func TestReceiveInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, t.TempDir())
		client := tempnumbertest.NewServer().Client(t, tempnumber.WithPurchaseHook(j.Hook))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := j.Do(ctx, func(ctx context.Context) (*tempnumber.Activation, error) {
			return client.ReceiveSMS(ctx, facebook(), nil)
		})
		var wait *tempnumber.WaitError
		require.ErrorAs(t, err, &wait)
		entries := pending(t, j)
		require.Len(t, entries, 1)
		require.Equal(t, wait.ID, entries[0].ID)
		require.NotEmpty(t, entries[0].Number)
	})
}

func TestUnwritableStopsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(blocked, nil, 0o600))
		server := tempnumbertest.NewServer()
		_, err := order(t, open(t, blocked), server)
		require.ErrorContains(t, err, "journal: ")
		require.Empty(t, server.Activations(), "nothing is bought")
	})
	_, err := journal.Open("", "test")
	require.Error(t, err)
}

func TestFileMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no modes")
	}
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "state", "tempnumber")
		_, err := order(t, open(t, dir), tempnumbertest.NewServer())
		require.NoError(t, err)
		for name, mode := range map[string]os.FileMode{dir: 0o700 | os.ModeDir, filepath.Join(dir, "orders-2000-01.jsonl"): 0o600} {
			info, err := os.Stat(name)
			require.NoError(t, err)
			require.Equal(t, mode, info.Mode())
		}
	})
}

func TestAccountsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		_, err := order(t, open(t, dir), tempnumbertest.NewServer())
		require.NoError(t, err)
		other, err := journal.Open(dir, "other")
		require.NoError(t, err)
		require.Empty(t, pending(t, other))
		require.Len(t, pending(t, open(t, dir)), 1)
	})
}

// A line that a crash cut short, or that something else wrote, hides no other.
func TestTornLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j := open(t, dir)
		for range 2 {
			_, err := order(t, j, tempnumbertest.NewServer())
			require.NoError(t, err)
			file, err := os.OpenFile(filepath.Join(dir, "orders-2000-01.jsonl"), os.O_WRONLY|os.O_APPEND, 0)
			require.NoError(t, err)
			_, err = file.WriteString("{}\nnull\n\x00\x00\n{\"v\":1,\"order\":\"ABC\",\"sta")
			require.NoError(t, err)
			require.NoError(t, file.Close())
		}
		require.Len(t, pending(t, j), 2)
	})
}

func TestMonths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, server := open(t, t.TempDir()), tempnumbertest.NewServer()
		a, err := order(t, j, server)
		require.NoError(t, err)
		time.Sleep(32 * 24 * time.Hour)
		require.Len(t, pending(t, j), 1, "of the month before")
		require.NoError(t, j.Told(a.ID))
		require.Empty(t, pending(t, j))

		_, err = order(t, j, server)
		require.NoError(t, err)
		time.Sleep(80 * 24 * time.Hour)
		require.Empty(t, pending(t, j), "forgotten")
	})
}

func TestManyProcesses(t *testing.T) {
	const processes = 8
	dir := t.TempDir()
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "JOURNAL_TEST_DIR="+dir)
			out, err := cmd.CombinedOutput()
			assert.NoError(t, err, "%s", out)
		})
	}
	all.Wait()
	entries, err := open(t, dir).Entries()
	require.NoError(t, err)
	require.Len(t, entries, processes*orders)
	for _, e := range entries {
		require.False(t, e.Running(), "the process has ended")
	}
}

const orders = 40

// writeMany is what each process of TestManyProcesses does.
func writeMany(dir string) int {
	j, err := journal.Open(dir, "test")
	for n := range orders {
		err = errors.Join(err, j.Hook(context.Background(), tempnumber.Intent{
			ServiceID: fmt.Sprint("service-", n), CountryID: strings.Repeat("u", 60), SentAt: time.Now().UTC(),
		}))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func TestDefaultDir(t *testing.T) {
	state, home := t.TempDir(), t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	dir, err := journal.DefaultDir()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(state, "tempnumber"), dir)
	t.Setenv("XDG_STATE_HOME", "relative")
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home) // the same on Windows
	dir, err = journal.DefaultDir()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(home, ".local", "state", "tempnumber"), dir)
}
