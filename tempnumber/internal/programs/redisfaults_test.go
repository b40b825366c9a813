//go:build unix

package programs

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/redislog"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// closedFor is how long nothing is sent after a loss: a lease and a window of two seconds.
const closedFor = 57 * time.Second

// once lets trouble happen one time, after a while.
func once(after time.Duration, trouble func()) func([]*exec.Cmd, func(int)) {
	done := false
	return func([]*exec.Cmd, func(int)) {
		if done {
			time.Sleep(100 * time.Millisecond)
			return
		}
		time.Sleep(after)
		trouble()
		done = true
	}
}

// closes wants nothing to be sent for a while after another server took over, and then all to go on.
func closes(t *testing.T, server *tempnumbertest.Server, over time.Time) {
	t.Helper()
	before, during, after := 0, 0, 0
	for _, r := range server.Requests() {
		switch since := r.At.Sub(over); {
		case since < 0:
			before++
		case since < closedFor-2*time.Second:
			during++
		default:
			after++
		}
	}
	t.Logf("%d requests before, %d while the log was closed, %d afterwards", before, during, after)
	require.Greater(t, before, 20)
	require.LessOrEqual(t, during, 20, "what had its slot already")
	require.Positive(t, after)
}

// A replica takes over that has not heard of the last seconds. It is another server, so nothing is sent until
// nothing of before can count any more; then all goes on.
func TestFailoverOfRedis(t *testing.T) {
	t.Parallel()
	first, second := startRedis(t), startRedis(t)
	replica := second.client()
	defer replica.Close()
	require.NoError(t, replica.SlaveOf(t.Context(), "127.0.0.1", fmt.Sprint(first.port)).Err())
	require.Eventually(t, func() bool {
		info, err := replica.Info(t.Context(), "replication").Result()
		return err == nil && strings.Contains(info, "master_link_status:up")
	}, 30*time.Second, 50*time.Millisecond)
	way := newGate(t, first.address())
	var over time.Time
	server := asks(t, way.url(), 20, 8*time.Second+closedFor, once(4*time.Second, func() {
		require.NoError(t, replica.SlaveOf(t.Context(), "NO", "ONE").Err())
		time.Sleep(2 * time.Second) // in which the first one goes on
		first.kill()
		over = time.Now()
		way.lead(second.address(), 0)
	}))
	closes(t, server, over)
}

// A sentinel finds the first server dead and lets its replica take over; clients learn of it by themselves.
func TestSentinelOfRedis(t *testing.T) {
	t.Parallel()
	first := startRedis(t)
	second := startRedis(t, "--replicaof", "127.0.0.1", fmt.Sprint(first.port))
	watch := startSentinel(t, first.port)
	sentinel := redis.NewSentinelClient(&redis.Options{Addr: watch})
	defer sentinel.Close()
	require.Eventually(t, func() bool {
		replicas, err := sentinel.Replicas(t.Context(), "mine").Result()
		return err == nil && len(replicas) == 1 && replicas[0]["master-link-status"] == "ok"
	}, 30*time.Second, 50*time.Millisecond)
	replica := second.client()
	defer replica.Close()
	var over time.Time
	server := asks(t, sentinelScheme+watch, 20, 25*time.Second+closedFor, once(4*time.Second, func() {
		first.kill()
		require.Eventually(t, func() bool {
			role, err := replica.Do(t.Context(), "ROLE").Slice()
			return err == nil && role[0] == "master"
		}, 30*time.Second, 50*time.Millisecond)
		over = time.Now()
	}))
	closes(t, server, over)
}

// startSentinel starts a sentinel for the server at a port, by the name mine.
func startSentinel(t *testing.T, watched int) (address string) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = free.Addr().String()
	require.NoError(t, free.Close())
	dir := t.TempDir()
	config := filepath.Join(dir, "sentinel.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, "bind 127.0.0.1\nport %s\ndir %s\n"+
		"sentinel monitor mine 127.0.0.1 %d 1\nsentinel down-after-milliseconds mine 1000\nsentinel failover-timeout mine 5000\n",
		address[strings.LastIndexByte(address, ':')+1:], dir, watched), 0o600))
	cmd := exec.Command("redis-server", config, "--sentinel")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return address
}

// Three servers make a cluster, in which each key has one of them.
func TestClusterOfRedis(t *testing.T) {
	t.Parallel()
	var addresses []string
	for range 3 {
		s := startRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
		addresses = append(addresses, s.address())
	}
	create := append([]string{"--cluster", "create"}, addresses...)
	out, err := exec.CommandContext(t.Context(), "redis-cli", append(create, "--cluster-yes")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addresses})
	defer client.Close()
	require.Eventually(t, func() bool {
		info, err := client.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok") && client.Set(t.Context(), "x", 1, 0).Err() == nil
	}, 20*time.Second, 50*time.Millisecond)

	logs := redislog.New(client, redislog.Fresh())
	for _, name := range []string{"one", "two", "three", "four"} { // of different servers
		t.Run(name, func(t *testing.T) {
			sharingtest.TestLog(t, func(t *testing.T) sharing.Log {
				log, err := logs.Open(name)
				require.NoError(t, err)
				return log
			}, func(t *testing.T) {
				require.NoError(t, client.Del(t.Context(), "tempnumber:{"+name+"}:log").Err())
			})
		})
	}
	server := asks(t, clusterScheme+strings.Join(addresses, ","), 20, 6*time.Second, nil)
	require.Greater(t, len(server.Requests()), 20)

	alone, err := redislog.Dial("redis://" + addresses[0])
	require.NoError(t, err)
	moved := 0
	for i := range 20 { // a key that this server does not have
		log, err := alone.Open(fmt.Sprint(i))
		require.NoError(t, err)
		if _, err = log.Read(t.Context(), sharing.Cursor{}); err != nil {
			moved++
			require.ErrorContains(t, err, "cluster")
		}
	}
	require.Positive(t, moved)
}

// Somebody sets the clock of the machine that Redis runs on, and programs begin just after that.
func TestClockOfRedisJumps(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("needs a C compiler")
	}
	dir := t.TempDir()
	clock := filepath.Join(dir, "clock")
	out, err := exec.CommandContext(t.Context(), "cc", "-shared", "-fPIC", "-o", filepath.Join(dir, "clock.so"), "testdata/clock.c").CombinedOutput()
	require.NoError(t, err, "%s", out)
	set := func(d time.Duration) {
		require.NoError(t, os.WriteFile(clock+".new", fmt.Append(nil, d.Microseconds()), 0o600))
		require.NoError(t, os.Rename(clock+".new", clock))
	}
	set(0)
	s := startRedisWith(t, []string{"LD_PRELOAD=" + filepath.Join(dir, "clock.so"), "CLOCK_OFFSET=" + clock})
	client := s.client()
	defer client.Close()
	offset := func() time.Duration {
		now, err := client.Time(t.Context()).Result()
		require.NoError(t, err)
		return time.Until(now)
	}
	require.InDelta(t, 0, offset().Seconds(), 0.5)
	jumps := []time.Duration{3 * time.Second, 0, time.Hour, time.Hour - 3*time.Second, 0, 1500 * time.Millisecond}
	server := asks(t, s.url(), 20, 20*time.Second, func(programs []*exec.Cmd, restart func(int)) {
		time.Sleep(3 * time.Second)
		if len(jumps) > 0 {
			set(jumps[0])
			require.Eventually(t, func() bool { return (offset() - jumps[0]).Abs() < time.Second }, 3*time.Second, 5*time.Millisecond)
			for i := range len(programs) / 2 {
				restart(i)
			}
			jumps = jumps[1:]
		}
	})
	require.Empty(t, jumps)
	require.Greater(t, len(server.Requests()), 20)
}

// Each answer takes two seconds.
func TestSlowRedis(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	way := newGate(t, s.address())
	server := asks(t, way.url(), 20, 25*time.Second, once(2*time.Second, func() { way.lead(s.address(), 2*time.Second) }))
	late := 0
	for _, r := range server.Requests() {
		if time.Until(r.At) > -15*time.Second {
			late++
		}
	}
	t.Logf("%d requests in the last 15 s", late)
	require.Positive(t, late, "it is slow, but goes on")

	box := tempnumbertest.NewServer()
	logs, err := redislog.Dial(way.url())
	require.NoError(t, err)
	mustFail(t, box.Client(t, tempnumber.WithSharing(logs)), time.Second, "not answered for")
	require.Empty(t, box.Requests())
}

// mustFail wants a call to end with its context by an error of the log that says why.
func mustFail(t *testing.T, client *tempnumber.Client, patience time.Duration, why string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	start := time.Now()
	_, err := client.Balance(ctx)
	require.ErrorIs(t, err, tempnumber.ErrSharing)
	require.ErrorContains(t, err, why)
	require.Less(t, time.Since(start), patience+2*time.Second)
	t.Log(err)
}

// Redis is not there, stands still, wants another password, or has no room. Nothing is sent, and the error says why.
func TestRedisThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	box := tempnumbertest.NewServer()
	client := func(url string) *tempnumber.Client {
		logs, err := redislog.Dial(url)
		require.NoError(t, err)
		return box.Client(t, tempnumber.WithSharing(logs))
	}
	admin := s.client()
	defer admin.Close()

	mustFail(t, client("redis://127.0.0.1:1/0"), 3*time.Second, "connection refused")

	used := client(s.url() + "#new")
	_, err := used.Balance(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGSTOP))
	mustFail(t, used, time.Second, "not answered for")
	mustFail(t, client(s.url()), time.Second, "not answered for")
	start := time.Now()
	_, err = used.Balance(t.Context())
	require.ErrorIs(t, err, tempnumber.ErrSharing)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "not answered within 5s")
	require.Less(t, time.Since(start), 15*time.Second, "a call without an end of its own")
	t.Log(err)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGCONT))
	_, err = used.Balance(t.Context())
	require.NoError(t, err, "it goes on, and nothing was lost")

	require.NoError(t, admin.ConfigSet(t.Context(), "maxmemory", "1").Err())
	mustFail(t, used, 3*time.Second, "OOM")
	require.NoError(t, admin.ConfigSet(t.Context(), "maxmemory", "0").Err())

	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "tester", "on", ">its-password", "~*", "+@all", "-info").Err())
	mustFail(t, client("redis://tester:its-password@"+s.address()), 3*time.Second, "must be allowed to run INFO")
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "tester", "+info", "-xadd").Err())
	mustFail(t, client("redis://tester:its-password@"+s.address()), 3*time.Second, "run th") // "this command" of Redis 6 and 7, "the 'xadd' command" of later ones

	require.NoError(t, admin.ConfigSet(t.Context(), "requirepass", "right-password").Err())
	wrong := client("redis://:secret-password@" + s.address())
	mustFail(t, wrong, 3*time.Second, "WRONGPASS")
	_, err = wrong.Balance(t.Context())
	require.ErrorIs(t, err, tempnumber.ErrSharing)
	require.NotContains(t, err.Error(), "secret-password")
	mustFail(t, client("redis://"+s.address()), 3*time.Second, "asks for a password, and none was given")
	_, err = client("redis://:right-password@" + s.address()).Balance(t.Context())
	require.NoError(t, err)
	require.Len(t, box.Requests(), 3)
}
