package tempnumber_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// liar is a service whose lists are not to be believed. Single looks are true.
type liar struct {
	http.RoundTripper
	rows  func(rows []map[string]any) []map[string]any // what a list shows instead
	total func(total float64) float64
	fail  func(r *http.Request) bool // no answer
}

func (l liar) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.fail != nil && l.fail(r) {
		return nil, errors.New("no answer")
	}
	resp, err := l.RoundTripper.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || r.URL.Path != "/activations" && r.URL.Path != "/api/v1/activations" || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	var page map[string]any
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, err
	}
	var rows []map[string]any
	for _, row := range page["activations"].([]any) {
		rows = append(rows, row.(map[string]any))
	}
	if l.rows != nil {
		rows = l.rows(rows)
	}
	if l.total != nil {
		page["total"] = l.total(page["total"].(float64))
	}
	page["activations"] = rows
	if body, err = json.Marshal(page); err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// pending makes a row what it was before its SMS.
func pending(row map[string]any) {
	row["status"], row["message"], row["code"] = "smsRequested", "", ""
}

func idOf(row map[string]any) int64 { return int64(row["id"].(float64)) }

func isList(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.Query().Has("limit") }

// TestLyingLists lets lists lie in every way there is, and numbers that never get an
// SMS take part. No SMS is lost, and each is seen within twice as many single looks as
// there are waits.
func TestLyingLists(t *testing.T) {
	t.Parallel()
	random := func() *rand.Rand { return rand.New(rand.NewPCG(1, 7)) }
	lies := map[string]func(came func(id int64) time.Time) liar{
		"lag by a minute": func(came func(id int64) time.Time) liar {
			return liar{rows: func(rows []map[string]any) []map[string]any {
				for _, row := range rows {
					if time.Since(came(idOf(row))) < time.Minute {
						pending(row)
					}
				}
				return rows
			}}
		},
		"never show an SMS": func(func(int64) time.Time) liar {
			return liar{rows: func(rows []map[string]any) []map[string]any {
				for _, row := range rows {
					pending(row)
				}
				return rows
			}}
		},
		"are empty": func(func(int64) time.Time) liar {
			return liar{rows: func([]map[string]any) []map[string]any { return []map[string]any{} }}
		},
		"fail": func(func(int64) time.Time) liar { return liar{fail: isList} },
		"hold a row that cannot be read": func(func(int64) time.Time) liar {
			return liar{rows: func(rows []map[string]any) []map[string]any {
				if len(rows) > 0 {
					rows[len(rows)/2]["status"] = []int{1}
				}
				return rows
			}}
		},
		"are shuffled": func(func(int64) time.Time) liar {
			random := random()
			return liar{rows: func(rows []map[string]any) []map[string]any {
				random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
				return rows
			}}
		},
		"repeat rows": func(func(int64) time.Time) liar {
			return liar{rows: func(rows []map[string]any) []map[string]any { return append(rows, rows...) }}
		},
		"miscount": func(func(int64) time.Time) liar {
			random := random()
			return liar{total: func(total float64) float64 { return float64(random.IntN(int(3*total) + 1)) }}
		},
		"show strangers": func(func(int64) time.Time) liar {
			return liar{rows: func(rows []map[string]any) []map[string]any {
				for _, row := range rows {
					row["id"] = float64(idOf(row) + 1_000_000)
				}
				return rows
			}}
		},
		"are true, and single looks fail for some": func(func(int64) time.Time) liar {
			return liar{fail: func(r *http.Request) bool {
				return r.Method == http.MethodGet && !isList(r) && strings.HasSuffix(r.URL.Path, "3")
			}}
		},
	}
	for name, lie := range lies {
		sizes := []int{5, 60}
		if thorough && name == "never show an SMS" {
			sizes = append(sizes, 300) // the policy's own tests do so for all
		}
		for _, waits := range sizes {
			t.Run(fmt.Sprintf("%s, %d waits", name, waits), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { lyingLists(t, waits, lie) })
			})
		}
	}
}

func lyingLists(t *testing.T, waits int, lie func(came func(id int64) time.Time) liar) {
	t.Helper()
	limits := tempnumber.DefaultLimits()
	delete(limits, tempnumber.EndpointCreateActivation)
	server := tempnumbertest.NewServer(
		tempnumbertest.WithLimits(limits), tempnumbertest.WithRefusedCounted(), tempnumbertest.WithPendingCap(0),
		tempnumbertest.WithBalance(1_000_000*tempnumber.Dollar), tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}),
	)
	came := make(map[int64]time.Time)
	unreliable := lie(func(id int64) time.Time { return came[id] })
	unreliable.RoundTripper = server.Transport()
	client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithHTTPClient(&http.Client{Transport: unreliable}),
		tempnumber.WithLimiter(tempnumber.NewLimiter(limits)))
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(uint64(waits), 3))
	ids := order(t, client, waits)
	for i, id := range ids {
		if i%5 < 2 { // two of five never get one
			came[int64(id)] = time.Now().Add(24 * time.Hour)
			continue
		}
		after := time.Duration(random.ExpFloat64()*float64(40*time.Second)) % (19 * time.Minute)
		came[int64(id)] = time.Now().Add(after)
		time.AfterFunc(after, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
	}
	// So many single looks fill so many windows; two more for the last and for looks in flight.
	bound := time.Duration(2*waits/72+2) * 2 * time.Minute
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			a, err := client.WaitSMS(t.Context(), id)
			if i%5 < 2 {
				require.ErrorIs(t, err, tempnumber.ErrExpired)
				return
			}
			require.NoError(t, err)
			require.Equal(t, codeOf(id), string(a.Code))
			require.LessOrEqual(t, time.Since(came[int64(id)]), bound)
		})
	}
	wg.Wait()
	neverThrottled(t, server)
}
