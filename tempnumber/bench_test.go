//go:build unix

package tempnumber_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// BenchmarkBalance compares one call over a kept loopback connection with the same request by plain net/http
// and encoding/json. The two take turns, so that both see the same machine; "x" figures are their ratios.
func BenchmarkBalance(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"balance": 12.5, "review_balance": 0}`)
	}))
	defer server.Close()
	client, err := tempnumber.New("offline-key", tempnumber.WithBaseURL(server.URL),
		tempnumber.WithLimiter(tempnumber.NewLimiter(tempnumber.Limits{tempnumber.EndpointBalance: {Requests: 10, Window: time.Nanosecond}})))
	if err != nil {
		b.Fatal(err)
	}
	ours := func() {
		if _, err := client.Balance(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	plainClient := &http.Client{Transport: transport}
	plain := func() {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/user/balance", nil)
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("X-Api-Key", "offline-key")
		request.Header.Set("Accept", "application/json")
		request.Header.Set("User-Agent", "plain/1.0")
		response, err := plainClient.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
		var balance struct {
			Balance  json.Number `json:"balance"`
			InReview json.Number `json:"review_balance"`
		}
		if err := json.NewDecoder(response.Body).Decode(&balance); err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
	}
	// A second processor that looks for work while the connection is quiet would be counted too.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const batch = 500
	var cpu [2]time.Duration
	var allocs [2]uint64
	for b.Loop() {
		for i, call := range []func(){ours, plain} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpuTime()
			for range batch {
				call()
			}
			cpu[i] += cpuTime() - start
			runtime.ReadMemStats(&after)
			allocs[i] += after.Mallocs - before.Mallocs
		}
	}
	calls := float64(b.N * batch)
	b.ReportMetric(float64(cpu[0])/calls, "cpu-ns/call")
	b.ReportMetric(float64(cpu[0])/float64(cpu[1]), "x-cpu")
	b.ReportMetric(float64(allocs[0])/calls, "allocs/call")
	b.ReportMetric(float64(allocs[0])/float64(allocs[1]), "x-allocs")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what the process has used of the processor, both ends of the connection included.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
