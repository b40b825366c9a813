//go:build unix

package programs

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/redislog"
)

var withRedis = flag.Bool("redis", false, "test with redis-server, which must be in the path")

// redisServer is a real Redis that can be broken.
type redisServer struct {
	t    *testing.T
	dir  string
	port int
	args []string
	env  []string
	cmd  *exec.Cmd
}

func startRedis(t *testing.T, args ...string) *redisServer {
	t.Helper()
	return startRedisWith(t, nil, args...)
}

func startRedisWith(t *testing.T, env []string, args ...string) *redisServer {
	t.Helper()
	if !*withRedis {
		t.Skip("needs a Redis; see make redis")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &redisServer{t: t, dir: t.TempDir(), args: args, env: env, port: free.Addr().(*net.TCPAddr).Port}
	require.NoError(t, free.Close())
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) start() {
	args := []string{"--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--dir", s.dir, "--save", "", "--enable-debug-command", "yes"}
	s.cmd = exec.Command("redis-server", append(args, s.args...)...)
	s.cmd.Env = append(os.Environ(), s.env...)
	require.NoError(s.t, s.cmd.Start())
	require.Eventually(s.t, func() bool {
		client := s.client()
		defer client.Close()
		return client.Ping(s.t.Context()).Err() == nil
	}, 10*time.Second, 20*time.Millisecond)
}

func (s *redisServer) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *redisServer) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", s.port)})
}

func (s *redisServer) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *redisServer) url() string { return "redis://" + s.address() + "/0" }

func TestWaitsOfProgramsByRedis(t *testing.T) {
	s := startRedis(t)
	n, after := 6, 2*time.Second
	if *long {
		n, after = 50, 20*time.Second
	}
	_, refused := waits(t, n, s.url()+"#new", exponential(n, after))
	require.Zero(t, refused)
}

func TestLimitOfProgramsByRedis(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	server := asks(t, s.url(), 20, 6*time.Second, nil)
	require.Greater(t, len(server.Requests()), 20)
}

// Programs are killed and stopped; Redis is emptied, stands still, and is restarted, also from an older snapshot.
func TestLimitOfProgramsByRedisWhateverFails(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	during := 40 * time.Second
	if *long {
		during = 4 * time.Minute
	}
	start := time.Now()
	server := asks(t, s.url(), 20, during, func(programs []*exec.Cmd, restart func(i int)) {
		time.Sleep(time.Until(start.Add(5 * time.Second))) // a loss closes everything for longer than the test may last
		time.Sleep(time.Duration(500+rand.IntN(3000)) * time.Millisecond)
		i := rand.IntN(len(programs))
		client := s.client()
		defer client.Close()
		switch n := rand.IntN(20); {
		case n < 8:
			restart(i)
		case n < 15:
			stop(t, programs[i], time.Duration(rand.IntN(30))*time.Second)
		case n < 17: // slow
			_ = client.Do(t.Context(), "DEBUG", "SLEEP", "2").Err()
		case n < 18:
			require.NoError(t, client.FlushAll(t.Context()).Err())
		default: // what it held some seconds ago comes back
			require.NoError(t, client.Save(t.Context()).Err())
			time.Sleep(2 * time.Second)
			s.kill()
			s.start()
		}
	})
	require.Greater(t, len(server.Requests()), 20)
}

// What one entry costs the server: its append, and for each program the read of it and the wait for the next. From
// that follows how many programs one Redis carries; package sharing tells.
func TestCostOfEntriesByRedis(t *testing.T) {
	s := startRedis(t)
	client := s.client()
	client.Options().PoolSize = 64
	defer client.Close()
	log, err := redislog.New(client).Open("cost")
	require.NoError(t, err)
	v, err := log.Read(t.Context(), sharing.Cursor{})
	require.NoError(t, err)
	cursor := v.Cursor(sharing.Cursor{})
	data := make([]byte, 120)
	for range 500 { // as many as there are between two snapshots, on average
		v, err := log.Append(t.Context(), sharing.Append{After: cursor, Data: data})
		require.NoError(t, err)
		cursor = v.Cursor(cursor)
	}
	busy := func() (seconds float64) {
		info, err := client.Info(t.Context(), "cpu").Result()
		require.NoError(t, err)
		for line := range strings.Lines(info) {
			var used float64
			for _, name := range []string{"used_cpu_sys:", "used_cpu_user:"} {
				if n, _ := fmt.Sscanf(line, name+"%f", &used); n == 1 {
					seconds += used
				}
			}
		}
		return seconds
	}
	before := sharing.Cursor{Epoch: cursor.Epoch, Position: cursor.Position - 1}
	cost := func(do func() error) time.Duration {
		const workers, each = 16, 1000
		start := busy()
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for range each {
					if err := do(); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return time.Duration((busy() - start) / (workers * each) * float64(time.Second))
	}
	read := cost(func() error { _, err := log.Read(t.Context(), before); return err })
	wait := cost(func() error { return log.Wait(t.Context(), before) })
	var mu sync.Mutex
	add := cost(func() error {
		mu.Lock()
		defer mu.Unlock()
		v, err := log.Append(t.Context(), sharing.Append{After: cursor, Fence: 1, Test: true, Data: data})
		cursor = v.Cursor(cursor)
		return err
	})
	t.Logf("the server is busy for %v by an append, %v by a read, %v by a wait", add, read, wait)
	require.Less(t, add+read+wait, time.Millisecond)
}
