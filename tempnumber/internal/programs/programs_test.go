//go:build unix

package programs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/filelog"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/redislog"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

var long = flag.Bool("long", false, "run the programs at true scale, for minutes")

// The variables that tell a program what to do.
const (
	roleVariable  = "PROGRAMS_ROLE"
	shareVariable = "PROGRAMS_SHARE"
	limitVariable = "PROGRAMS_LIMIT" // of balances, in two seconds
	agentVariable = "PROGRAMS_AGENT" // by which the service tells programs apart
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "ask":
		os.Exit(ask())
	case "wait":
		os.Exit(wait())
	}
	// They sleep for most of their time, so more of them at once than there are cores. The command line still decides.
	if err := flag.Set("test.parallel", "5"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// client returns the client of a program.
func client() (*tempnumber.Client, error) {
	var opts []tempnumber.Option
	if text := os.Getenv(limitVariable); text != "" {
		limits := tempnumber.DefaultLimits()
		n := 0
		if _, err := fmt.Sscan(text, &n); err != nil {
			return nil, err
		}
		limits[tempnumber.EndpointBalance] = tempnumber.Limit{Requests: n, Window: 2 * time.Second}
		opts = append(opts, tempnumber.WithLimiter(tempnumber.NewLimiter(limits)))
	}
	if where := os.Getenv(shareVariable); where != "" {
		log, err := sharingAt(where)
		if err != nil {
			return nil, err
		}
		opts = append(opts, tempnumber.WithSharing(log))
	}
	if agent := os.Getenv(agentVariable); agent != "" {
		opts = append(opts, tempnumber.WithUserAgent(agent))
	}
	return tempnumber.NewFromEnv(opts...)
}

// clusterScheme begins the addresses of a cluster of Redis servers, with commas between them.
const clusterScheme = "cluster:"

// sentinelScheme begins the address of a sentinel, which knows the server named mine.
const sentinelScheme = "sentinel:"

// sharingAt opens what programs share: a directory, or Redis.
func sharingAt(where string) (tempnumber.Sharing, error) {
	if addresses, ok := strings.CutPrefix(where, clusterScheme); ok {
		client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: strings.Split(addresses, ",")})
		return redislog.New(client, redislog.Fresh()), nil
	}
	if address, ok := strings.CutPrefix(where, sentinelScheme); ok {
		client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{address}, MasterName: "mine"})
		return redislog.New(client, redislog.Fresh()), nil
	}
	if strings.HasPrefix(where, "redis://") {
		return redislog.Dial(where)
	}
	return filelog.In(where), nil
}

// ask asks for the balance as often as it may, and tells each answer or error by a line.
func ask() int {
	c, err := client()
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				_, err := c.Balance(ctx)
				cancel()
				if err != nil {
					fmt.Fprintln(os.Stdout, "error", strings.ReplaceAll(err.Error(), "\n", " "))
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
	}
	all.Wait()
	return 0
}

// report is what a program that waits prints.
type report struct {
	ID   tempnumber.ActivationID
	Code string    // of the second line
	Seen time.Time // of the second line
}

// wait rents a number and waits for its SMS.
func wait() int {
	c, err := client()
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	out := json.NewEncoder(os.Stdout)
	a, err := c.CreateActivation(context.Background(), tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	_ = out.Encode(report{ID: a.ID})
	a, err = c.WaitSMS(context.Background(), a.ID)
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	_ = out.Encode(report{ID: a.ID, Code: string(a.Code), Seen: time.Now()})
	return 0
}

// distant lets requests to a service take time on the way to it and back.
func distant(t *testing.T, server *tempnumbertest.Server, oneWay func() time.Duration) (url string) {
	t.Helper()
	far := httptest.NewServer(far(server, oneWay))
	t.Cleanup(far.Close)
	return far.URL
}

func far(server *tempnumbertest.Server, oneWay func() time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		time.Sleep(oneWay())
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
		time.Sleep(oneWay())
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// program prepares this program in another role.
func program(t *testing.T, role, url, share string, more ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, shareVariable+"="+share,
		"TEMPNUMBER_API_KEY="+tempnumbertest.DefaultKey, "TEMPNUMBER_BASE_URL="+url)
	cmd.Env = append(cmd.Env, more...)
	return cmd
}

// waits lets n programs wait for one SMS each, which comes some time after the order, and returns how late
// they saw it.
func waits(t *testing.T, n int, share string, delay func() time.Duration) (late []time.Duration, refused int) {
	t.Helper()
	server := tempnumbertest.NewServer(tempnumbertest.WithRefusedCounted(), tempnumbertest.WithPendingCap(0),
		tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}), tempnumbertest.WithBalance(1000*tempnumber.Dollar))
	url := distant(t, server, func() time.Duration { return 75 * time.Millisecond })
	var mu sync.Mutex
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			cmd := program(t, "wait", url, share)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			lines := bufio.NewScanner(out)
			var ordered, got report
			require.True(t, lines.Scan())
			require.NoError(t, json.Unmarshal(lines.Bytes(), &ordered), lines.Text())
			after := delay()
			code := fmt.Sprintf("%05d", ordered.ID)
			var sms time.Time
			time.AfterFunc(after, func() {
				mu.Lock()
				sms = time.Now()
				mu.Unlock()
				_ = server.DeliverSMS(ordered.ID, "Your code is "+code)
			})
			require.True(t, lines.Scan())
			require.NoError(t, json.Unmarshal(lines.Bytes(), &got), lines.Text())
			require.NoError(t, cmd.Wait())
			require.Equal(t, code, got.Code, "never another's SMS")
			mu.Lock()
			defer mu.Unlock()
			late = append(late, got.Seen.Sub(sms))
		})
	}
	all.Wait()
	for endpoint, limit := range tempnumber.DefaultLimits() {
		require.LessOrEqual(t, server.MaxInWindow(endpoint), limit.Requests, endpoint)
	}
	orders := 0
	for _, r := range server.Requests() {
		if r.Status == http.StatusTooManyRequests {
			refused++
		}
		if r.Endpoint == tempnumber.EndpointCreateActivation {
			orders++
		}
	}
	require.Equal(t, n, orders, "nothing is bought twice")
	slices.Sort(late)
	sum := time.Duration(0)
	for _, l := range late {
		sum += l
	}
	t.Logf("%d programs: mean %v, p99 %v, %d refused of %d requests", n, (sum / time.Duration(n)).Round(10*time.Millisecond),
		late[(n*99)/100].Round(10*time.Millisecond), refused, len(server.Requests()))
	return late, refused
}

// exponential returns n times of an exponential distribution, in any order: its quantiles, so that chance has
// less part in the figures.
func exponential(n int, mean time.Duration) func() time.Duration {
	times := make(chan time.Duration, n)
	for _, i := range rand.Perm(n) {
		times <- time.Duration(-math.Log(1-(float64(i)+0.5)/float64(n)) * float64(mean))
	}
	return func() time.Duration { return <-times }
}

func TestWaitsOfPrograms(t *testing.T) {
	t.Parallel()
	_, refused := waits(t, 6, t.TempDir(), exponential(6, 2*time.Second))
	require.Zero(t, refused)
}

// asks lets eight programs ask by six calls each for a time, while something goes wrong, and returns what
// came to the service.
func asks(t *testing.T, share string, limit int, during time.Duration, trouble func(programs []*exec.Cmd, restart func(i int))) *tempnumbertest.Server {
	t.Helper()
	return crew{share: share, limit: limit, during: during, trouble: trouble}.ask(t)
}

// crew is eight programs that ask as fast as they may.
type crew struct {
	share   string
	limit   int // of the service, in two seconds
	during  time.Duration
	trouble func(programs []*exec.Cmd, restart func(i int)) // called again and again; nil for none
	http2   bool                                            // over TLS and HTTP/2
	change  func(i int, cmd *exec.Cmd)                      // of a program before it starts; nil for none
	said    func(i int, line string)                        // what the programs print; nil for the log of the test
}

func (c crew) ask(t *testing.T) *tempnumbertest.Server {
	t.Helper()
	limits := tempnumber.Limits{tempnumber.EndpointBalance: {Requests: c.limit, Window: 2 * time.Second}}
	server := tempnumbertest.NewServer(tempnumbertest.WithLimits(limits), tempnumbertest.WithRefusedCounted(), tempnumbertest.WithRequestLog(100_000))
	var http2 atomic.Int64 // requests
	slow := far(server, func() time.Duration { return time.Duration(10+rand.IntN(200)) * time.Millisecond })
	service := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			http2.Add(1)
		}
		slow.ServeHTTP(w, r)
	}))
	t.Cleanup(service.Close)
	more := []string{fmt.Sprintf("%s=%d", limitVariable, c.limit)}
	if c.http2 {
		service.EnableHTTP2 = true
		service.StartTLS()
		roots := filepath.Join(t.TempDir(), "roots.pem")
		require.NoError(t, os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: service.Certificate().Raw}), 0o600))
		more = append(more, "SSL_CERT_FILE="+roots)
	} else {
		service.Start()
	}
	if strings.HasPrefix(c.share, "redis://") { // first use, so that nothing of before is missed
		first, err := redislog.Dial(c.share + "#new")
		require.NoError(t, err)
		client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL(service.URL), tempnumber.WithSharing(first))
		require.NoError(t, err)
		_, err = client.SharedStatus(t.Context())
		require.NoError(t, err)
	}
	var mu sync.Mutex
	running := make([]*exec.Cmd, 8)
	start := func(i int) {
		cmd := program(t, "ask", service.URL, c.share, more...)
		if c.change != nil {
			c.change(i, cmd)
		}
		told := false
		cmd.Stdout = writer(func(b []byte) {
			if c.said != nil {
				c.said(i, string(b))
			} else if !told {
				told = true
				t.Logf("program %d: %s", i, bytes.TrimSpace(b))
			}
		})
		require.NoError(t, cmd.Start())
		mu.Lock()
		defer mu.Unlock()
		running[i] = cmd
	}
	for i := range running {
		start(i)
	}
	end := time.Now().Add(c.during)
	for time.Now().Before(end) && c.trouble != nil {
		c.trouble(running, func(i int) {
			_ = running[i].Process.Kill()
			_ = running[i].Wait()
			start(i)
		})
	}
	time.Sleep(time.Until(end))
	for _, cmd := range running {
		_ = cmd.Process.Kill()
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Wait()
	}
	time.Sleep(500 * time.Millisecond) // what is on its way
	t.Logf("%d requests in %v, at most %d of %d in a window", len(server.Requests()), c.during, server.MaxInWindow(tempnumber.EndpointBalance), c.limit)
	require.LessOrEqual(t, server.MaxInWindow(tempnumber.EndpointBalance), c.limit)
	require.Equal(t, c.http2, http2.Load() > 0)
	return server
}

type writer func(b []byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

func TestLimitOfPrograms(t *testing.T) {
	t.Parallel()
	server := asks(t, t.TempDir(), 20, 6*time.Second, nil)
	require.Greater(t, len(server.Requests()), 20)
}

// stop lets a program stand still for a while.
func stop(t *testing.T, cmd *exec.Cmd, d time.Duration) {
	t.Helper()
	require.NoError(t, cmd.Process.Signal(syscall.SIGSTOP))
	time.AfterFunc(d, func() { _ = cmd.Process.Signal(syscall.SIGCONT) })
}

// Programs are killed and stopped at random, and the log is deleted or cut off.
func TestLimitOfProgramsWhateverFails(t *testing.T) {
	if !*long {
		t.Skip("takes four minutes; see make programs")
	}
	dir, start := t.TempDir(), time.Now()
	server := asks(t, dir, 20, 4*time.Minute, func(programs []*exec.Cmd, restart func(i int)) {
		time.Sleep(time.Until(start.Add(5 * time.Second))) // losses one after the other may close everything for the whole test
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond)
		i := rand.IntN(len(programs))
		switch n := rand.IntN(20); {
		case n < 10:
			restart(i)
		case n < 19:
			stop(t, programs[i], time.Duration(rand.IntN(90))*time.Second)
		default:
			logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
			require.NoError(t, err)
			for _, log := range logs {
				if rand.IntN(2) == 0 {
					_ = os.Remove(log)
				} else if info, err := os.Stat(log); err == nil {
					_ = os.Truncate(log, rand.Int64N(info.Size()+1))
				}
			}
		}
	})
	require.Greater(t, len(server.Requests()), 20)
}

func TestEighteenPrograms(t *testing.T) {
	if !*long {
		t.Skip("takes a minute; see make programs")
	}
	late, refused := waits(t, 18, t.TempDir(), exponential(18, 8*time.Second))
	require.Zero(t, refused)
	require.Less(t, mean(late), 4*time.Second, "3.5 s but for chance")
}

func TestFiftyPrograms(t *testing.T) {
	if !*long {
		t.Skip("takes two minutes; see make programs")
	}
	late, refused := waits(t, 50, t.TempDir(), exponential(50, 20*time.Second))
	require.Zero(t, refused)
	require.Less(t, mean(late), 3700*time.Millisecond)
}

func mean(all []time.Duration) (mean time.Duration) {
	for _, d := range all {
		mean += d / time.Duration(len(all))
	}
	return mean
}

// A disk that is full ends calls by an error, and is no loss to others.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if os.Getenv("PROGRAMS_FULL") == "" {
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), "PROGRAMS_FULL=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
	dir := t.TempDir()
	server := tempnumbertest.NewServer()
	share := tempnumber.WithSharing(filelog.In(dir))
	one := server.Client(t, share)
	_, err := one.Balance(t.Context())
	require.NoError(t, err)
	var before unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &before))
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	require.NoError(t, err)
	info, err := os.Stat(logs[0])
	require.NoError(t, err)
	full := before
	full.Cur = uint64(info.Size()) + 20
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &full))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = one.Balance(ctx)
	_, patient := one.Balance(t.Context()) // has all the time, and ends by itself
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &before))
	for _, err := range []error{err, patient} {
		require.ErrorIs(t, err, tempnumber.ErrSharing)
		require.ErrorIs(t, err, syscall.EFBIG)
	}
	require.Len(t, server.Requests(), 1, "nothing is sent")
	for _, client := range []*tempnumber.Client{one, server.Client(t, share)} {
		_, err = client.Balance(t.Context())
		require.NoError(t, err, "there is room again, and nothing was lost")
	}
}
