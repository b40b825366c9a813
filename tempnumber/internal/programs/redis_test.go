package programs

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

var withRedis = flag.Bool("redis", false, "test with redis-server, which must be in the path")

// redisServer is a real Redis that can be broken.
type redisServer struct {
	t    *testing.T
	dir  string
	port int
	cmd  *exec.Cmd
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	if !*withRedis {
		t.Skip("needs a Redis; see make redis")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &redisServer{t: t, dir: t.TempDir(), port: free.Addr().(*net.TCPAddr).Port}
	require.NoError(t, free.Close())
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) start() {
	s.cmd = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--dir", s.dir, "--save", "", "--enable-debug-command", "yes")
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

func (s *redisServer) url() string { return fmt.Sprintf("redis://127.0.0.1:%d/0#new", s.port) }

func TestWaitsOfProgramsByRedis(t *testing.T) {
	s := startRedis(t)
	n, after := 6, 2*time.Second
	if *long {
		n, after = 50, 20*time.Second
	}
	_, refused := waits(t, n, s.url(), exponential(n, after))
	require.Zero(t, refused)
}

func TestLimitOfProgramsByRedis(t *testing.T) {
	s := startRedis(t)
	server := asks(t, s.url(), 20, 6*time.Second, nil)
	require.Greater(t, len(server.Requests()), 40)
}

// Programs are killed and stopped; Redis is emptied, stands still, and is restarted, also from an older snapshot.
func TestLimitOfProgramsByRedisWhateverFails(t *testing.T) {
	s := startRedis(t)
	during := 40 * time.Second
	if *long {
		during = 4 * time.Minute
	}
	server := asks(t, s.url(), 20, during, func(programs []*exec.Cmd, restart func(i int)) {
		time.Sleep(time.Duration(500+rand.IntN(3000)) * time.Millisecond)
		i := rand.IntN(len(programs))
		client := s.client()
		defer client.Close()
		switch n := rand.IntN(20); {
		case n < 8:
			restart(i)
		case n < 15:
			require.NoError(t, programs[i].Process.Signal(syscall.SIGSTOP))
			stopped := programs[i].Process
			time.AfterFunc(time.Duration(rand.IntN(30))*time.Second, func() { _ = stopped.Signal(syscall.SIGCONT) })
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
