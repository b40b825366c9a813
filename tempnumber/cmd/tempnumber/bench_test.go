//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// BenchmarkMockLoad sends requests to tempnumber mock at a fixed rate, whether the
// answers keep up or not. The time of each counts from the moment at which it was due, so
// a stall counts for all that it delays. The page is open meanwhile, and the log of
// requests and the history are full from the beginning.
//
//	go test -run ^$ -bench MockLoad/small -benchtime 40000x ./tempnumber/cmd/tempnumber
//
// are twenty seconds of small requests, and ten minutes with long texts and bodies are
//
//	go test -run ^$ -bench MockLoad/large -benchtime 240000x -timeout 20m ./tempnumber/cmd/tempnumber
func BenchmarkMockLoad(b *testing.B) {
	b.Run("small", func(b *testing.B) { benchmarkMockLoad(b, 2000, false) })
	b.Run("large", func(b *testing.B) { benchmarkMockLoad(b, 400, true) })
}

func benchmarkMockLoad(b *testing.B, rate int, large bool) {
	b.Helper()
	const connections, full = 64, 10_000
	cmd, url := startedMock(b, "--lenient", "--auto-sms", "1s", "--balance", "9000000")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	b.Cleanup(client.CloseIdleConnections)
	took := make([]time.Duration, b.N)
	var memory []float64 // of the mock, at each tenth of the way
	var failed sync.Map
	mix := &mix{client: client, url: url}
	if large {
		mix.text, mix.body = strings.Repeat("😀", 9_990), strings.Repeat("x", 1_000_000)
	}
	for range full {
		require.NoError(b, mix.send(b, 0), "an order")
	}
	watched := openPage(b, client, url)

	b.ResetTimer()
	start := time.Now()
	due := func(i int) time.Time { return start.Add(time.Duration(i) * time.Second / time.Duration(rate)) }
	var all sync.WaitGroup
	for c := range connections {
		all.Go(func() {
			for i := c; i < b.N; i += connections {
				time.Sleep(time.Until(due(i)))
				if err := mix.send(b, i); err != nil {
					failed.Store(i, err)
				}
				took[i] = time.Since(due(i))
			}
		})
	}
	for tenth := range 10 {
		time.Sleep(time.Until(due(b.N * (tenth + 1) / 10)))
		memory = append(memory, residentMB(b, cmd.Process.Pid))
	}
	all.Wait()
	b.StopTimer()

	failed.Range(func(i, err any) bool {
		b.Errorf("request %v: %v", i, err)
		return false
	})
	slices.Sort(took)
	at := func(part float64) float64 { return took[int(part*float64(len(took)-1))].Seconds() * 1000 }
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "requests/s")
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(float64(watched.Load())/time.Since(start).Seconds()/1024, "watched-kB/s")
	b.ReportMetric(memory[0], "MB-after-1/10")
	b.ReportMetric(memory[len(memory)-1], "MB-at-end")
	b.Logf("resident memory of the mock at each tenth: %.1f MB", memory)
}

// openPage asks for what the page asks for until the benchmark ends: the lists once, all
// that happens, and the balance twice a second. It counts the bytes of what happens.
func openPage(b *testing.B, client *http.Client, url string) *atomic.Int64 {
	b.Helper()
	for _, path := range []string{"/control/messages?limit=1000", "/control/activations?limit=1000", "/control/requests?limit=200", "/control/settings"} {
		require.NoError(b, get(b, client, url+path))
	}
	read := watchEvents(b, url)
	ended, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for tick := time.NewTicker(500 * time.Millisecond); ; {
			select {
			case <-ended:
				tick.Stop()
				return
			case <-tick.C:
				_ = get(b, client, url+"/control/balance") // the mock may have ended
			}
		}
	}()
	b.Cleanup(func() { close(ended); <-done })
	return read
}

// get asks for something and reads all of it.
func get(b *testing.B, client *http.Client, url string) error {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// watchEvents reads the events of the mock until the benchmark ends, and counts their bytes.
func watchEvents(b *testing.B, url string) *atomic.Int64 {
	b.Helper()
	ctx, leave := context.WithCancel(b.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/control/events", http.NoBody)
	require.NoError(b, err)
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	require.NoError(b, err)
	read := new(atomic.Int64)
	done := make(chan bool)
	go func() {
		defer close(done)
		defer resp.Body.Close()
		for buffer := make([]byte, 64<<10); ; {
			n, err := resp.Body.Read(buffer)
			read.Add(int64(n))
			if err != nil {
				return
			}
		}
	}()
	b.Cleanup(func() { leave(); <-done })
	return read
}

// mix is a mix of requests that looks like a test suite's.
type mix struct {
	client *http.Client
	url    string
	text   string       // a long text to send in between; empty for none
	body   string       // a long body
	newest atomic.Int64 // id of an activation, one of the newest
}

// send sends the i-th request: in ten of them an order, six looks, a page of the
// history, the balance, and a look whether the server runs.
func (m *mix) send(b *testing.B, i int) error {
	method, path, body := http.MethodGet, "/activations/"+strconv.FormatInt(m.newest.Load(), 10), ""
	kind, want := "application/json", http.StatusOK
	switch i % 10 {
	case 0:
		method, path, body = http.MethodPost, "/activations", `{"serviceId": "facebook", "countryId": "us"}`
	case 1:
		path = "/activations?limit=10"
	case 2:
		path = "/user/balance"
	case 3:
		path = "/healthz"
	case 4: // a text as long as it can be
		if m.text != "" {
			method, path, body = http.MethodPost, "/control/messages", fmt.Sprintf(`{"to": "+4477009%05d", "text": "code 4711 %s"}`, i%100_000, m.text)
		}
	case 5: // a short text in a body as long as it can be
		if m.text != "" {
			method, path, body = http.MethodPost, "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json", fmt.Sprintf("To=%%2B4477009%05d&From=shop&Body=hello&Pad=%s", i%100_000, m.body)
			kind, want = "application/x-www-form-urlencoded", http.StatusCreated
		}
	case 6: // a long request to the service
		if m.text != "" {
			method, path, body, want = http.MethodPost, "/activations?"+m.body[:4000], m.body[:60_000], http.StatusBadRequest
		}
	}
	req, err := http.NewRequestWithContext(b.Context(), method, m.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("x-api-key", tempnumbertest.DefaultKey)
	req.Header.Set("Content-Type", kind)
	resp, err := m.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var activation struct{ ID json.Number }
	decoder := json.NewDecoder(resp.Body)
	if err := decoder.Decode(&activation); err != nil || resp.StatusCode != want {
		return fmt.Errorf("%s %s: %s, %v", method, path[:min(len(path), 100)], resp.Status, err) //nolint:errorlint // only shown
	}
	if i%10 == 0 {
		id, err := activation.ID.Int64()
		if err != nil {
			return err
		}
		m.newest.Store(id)
	}
	_, err = io.Copy(io.Discard, resp.Body) // so that the connection can be used again
	return err
}

// BenchmarkMockStart is the time from the start of tempnumber mock to its URL.
func BenchmarkMockStart(b *testing.B) {
	for b.Loop() {
		cmd, _ := startedMock(b)
		b.StopTimer()
		require.NoError(b, cmd.Process.Signal(syscall.SIGTERM))
		_, _ = cmd.Process.Wait()
		b.StartTimer()
	}
}

// BenchmarkStart is the time of a command that has next to nothing to do.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		require.NoError(b, process(b.Context(), b, nil, "version").Run())
	}
}

// startedMock runs tempnumber mock, and returns its URL as soon as it is printed.
func startedMock(b *testing.B, args ...string) (*exec.Cmd, string) {
	b.Helper()
	cmd := process(b.Context(), b, nil, append([]string{"mock", "--quiet"}, args...)...)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(b, err)
	return cmd, strings.TrimSpace(url)
}

// residentMB is how much memory a process has now; 0 where that is not known.
func residentMB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kilobytes, err := strconv.Atoi(fields[1])
			require.NoError(b, err)
			return float64(kilobytes) / 1024
		}
	}
	return 0
}
