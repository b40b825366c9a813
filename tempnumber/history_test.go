package tempnumber

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

// pages returns a client of a history with n activations, newest first, and the
// queries that were sent. change may return another answer.
func pages(t *testing.T, n int, change func(query string) func(*http.Request) (*http.Response, error)) (*Client, *[]string) {
	var asked []string
	c, err := New(testKey, WithLimiter(&countingLimiter{}), WithRetry(RetryPolicy{MaxAttempts: 1}), WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.RawQuery)
		if change != nil {
			if other := change(r.URL.RawQuery); other != nil {
				return other(r)
			}
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		if limit == 0 {
			limit = 10
		}
		limit = min(limit, 50)
		var items []string
		for i := (page - 1) * limit; i < page*limit && i < n; i++ {
			items = append(items, fmt.Sprintf(`{"id": %d}`, n-i))
		}
		return reply(200, fmt.Sprintf(`{"activations": [%s], "page": %d, "limit": %d, "pages": %d, "total": %d}`,
			strings.Join(items, ","), page, limit, (n+limit-1)/limit, n))(r)
	})}))
	require.NoError(t, err)
	return c, &asked
}

func collect(t *testing.T, c *Client, p ListParams) ([]ActivationID, error) {
	t.Helper()
	var ids []ActivationID
	for a, err := range c.Activations(t.Context(), p) {
		if err != nil {
			require.Nil(t, a)
			return ids, err
		}
		ids = append(ids, a.ID)
	}
	return ids, nil
}

func TestActivationsAllPages(t *testing.T) {
	c, asked := pages(t, 120, nil)
	ids, err := collect(t, c, ListParams{})
	require.NoError(t, err)
	require.Len(t, ids, 120)
	require.Equal(t, ActivationID(120), ids[0])
	require.Equal(t, ActivationID(1), ids[119])
	require.Equal(t, []string{"page=1&limit=100", "page=2&limit=100", "page=3&limit=100"}, *asked)
}

func TestActivationsIsLazy(t *testing.T) {
	c, asked := pages(t, 120, nil)
	for range c.Activations(t.Context(), ListParams{PageSize: 10}) {
		break
	}
	require.Equal(t, []string{"page=1&limit=10"}, *asked)
	require.NotPanics(t, func() { c.Activations(t.Context(), ListParams{}) })
	require.Len(t, *asked, 1, "no request before the first iteration")
}

func TestActivationsSkipsDuplicates(t *testing.T) {
	c, _ := pages(t, 30, func(query string) func(*http.Request) (*http.Response, error) {
		if strings.HasPrefix(query, "page=2") { // one was added, so the last of page 1 comes first here
			return reply(200, `{"activations": [{"id": 21}, {"id": 20}], "page": 2, "limit": 10, "pages": 2, "total": 12}`)
		}
		return nil
	})
	ids, err := collect(t, c, ListParams{PageSize: 10})
	require.NoError(t, err)
	require.Equal(t, []ActivationID{30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20}, ids)
}

func TestActivationsFallbackPageSize(t *testing.T) {
	refused := func(query string) func(*http.Request) (*http.Response, error) {
		if strings.Contains(query, "limit=100") {
			return refuse(400, "InvalidRequestParamsException")
		}
		return nil
	}
	c, asked := pages(t, 15, refused)
	ids, err := collect(t, c, ListParams{})
	require.NoError(t, err)
	require.Len(t, ids, 15)
	require.Equal(t, []string{"page=1&limit=100", "page=1", "page=2"}, *asked)

	c, _ = pages(t, 15, refused)
	_, err = collect(t, c, ListParams{PageSize: 100})
	require.ErrorIs(t, err, ErrInvalidRequest, "a size the caller asked for is not changed")
}

func TestActivationsWrongPageCount(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"no pages":            {`{"activations": [{"id": 1}]}`, 1},
		"empty":               {`{}`, 0},
		"pages without end":   {`{"activations": [], "pages": 1000000}`, 0},
		"the same page again": {`{"activations": [{"id": 1}], "page": 1, "pages": 5}`, 1},
	} {
		client, asked := pages(t, 0, func(string) func(*http.Request) (*http.Response, error) { return reply(200, c.body) })
		ids, err := collect(t, client, ListParams{})
		require.Len(t, ids, c.want, name)
		require.LessOrEqual(t, len(*asked), 2, name)
		if name == "the same page again" {
			require.ErrorIs(t, err, ErrInvalidResponse)
		} else {
			require.NoError(t, err, name)
		}
	}
}

func TestActivationsError(t *testing.T) {
	c, asked := pages(t, 30, func(query string) func(*http.Request) (*http.Response, error) {
		if strings.HasPrefix(query, "page=2") {
			return refuse(503, "ServiceUnavailableException")
		}
		return nil
	})
	ids, err := collect(t, c, ListParams{PageSize: 10})
	require.ErrorIs(t, err, ErrUnavailable)
	require.Len(t, ids, 10)
	require.Len(t, *asked, 2)
}

// historyOf returns a client of a history with the given pages, and the number of
// requests. The server reports total pages, or the true number if total is negative.
func historyOf(t *testing.T, total int, all ...[]int) (*Client, *int) {
	t.Helper()
	if total < 0 {
		total = len(all)
	}
	asked := 0
	c := (&shop{}).client(t, func(r *http.Request) (*http.Response, error) {
		asked++
		var n int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		list := ""
		if n <= len(all) {
			for _, id := range all[n-1] {
				list += fmt.Sprintf(`,{"id": %d}`, id)
			}
		}
		return answerWith(200, fmt.Sprintf(`{"activations": [%s], "pages": %d}`, trimComma(list), total)), nil
	})
	return c, &asked
}

func trimComma(s string) string {
	if s == "" {
		return s
	}
	return s[1:]
}

func TestHistoryRange(t *testing.T) {
	for name, c := range map[string]struct {
		total int
		pages [][]int
		above int64
		want  []ActivationID
		asked int
	}{
		"nothing":                        {-1, nil, 0, []ActivationID{}, 1},
		"an empty page of many":          {9, [][]int{{}}, 0, []ActivationID{}, 1},
		"one page":                       {-1, [][]int{{3, 2, 1}}, 0, []ActivationID{3, 2, 1}, 1},
		"newest first, near":             {-1, [][]int{{6, 5}, {4, 3}, {2, 1}}, 5, []ActivationID{6, 5}, 1},
		"newest first, further":          {-1, [][]int{{6, 5}, {4, 3}, {2, 1}}, 4, []ActivationID{6, 5, 4, 3}, 2},
		"newest first, to the end":       {-1, [][]int{{6, 5}, {4, 3}, {2, 1}}, 0, []ActivationID{6, 5, 4, 3, 2, 1}, 3},
		"duplicates on the next page":    {-1, [][]int{{6, 5}, {5, 4}, {4, 3}}, 3, []ActivationID{6, 5, 4, 3}, 3},
		"newest first, of unknown size":  {0, [][]int{{6, 5}, {4, 3}, {2, 1}}, 0, []ActivationID{6, 5, 4, 3, 2, 1}, 4},
		"oldest first":                   {-1, [][]int{{1, 2}, {3, 4}, {5, 6}}, 4, []ActivationID{1, 2, 5, 6, 3, 4}, 3},
		"oldest first, to the end":       {-1, [][]int{{1, 2}, {3, 4}, {5, 6}}, 0, []ActivationID{1, 2, 5, 6, 3, 4}, 3},
		"oldest first, near":             {-1, [][]int{{1, 2}, {3, 4}, {5, 6}}, 5, []ActivationID{1, 2, 5, 6}, 2},
		"oldest first, of unknown size":  {0, [][]int{{1, 2}, {3, 4}, {5, 6}}, 5, []ActivationID{1, 2, 3, 4, 5, 6}, 4},
		"oldest first, the last is gone": {4, [][]int{{1, 2}, {3, 4}, {5, 6}}, 5, []ActivationID{1, 2, 5, 6}, 3},
		"in no order":                    {-1, [][]int{{1, 6, 2}, {5, 3, 4}, {7}}, 6, []ActivationID{1, 6, 2, 5, 3, 4, 7}, 3},
		"always the same page":           {99, [][]int{{6, 5}, {6, 5}, {6, 5}}, 0, []ActivationID{6, 5}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, asked := historyOf(t, c.total, c.pages...)
				require.False(t, client.book.KnowsNewest())
				seen, err := client.history.read(t.Context(), orders.Range{Above: c.above})
				require.NoError(t, err)
				require.Equal(t, c.want, idsOf(seen))
				require.Equal(t, c.asked, *asked)
				require.True(t, client.book.KnowsNewest())
			})
		})
	}
}

func TestHistoryFallbackPageSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		for range 25 {
			s.sell("facebook", "us")
		}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("limit") != "" {
				return answerWith(400, `{"errorName": "InvalidRequestParamsException", "errorMessage": "limit"}`), nil
			}
			return nil, nil
		})
		seen, err := c.history.read(t.Context(), orders.Range{})
		require.NoError(t, err)
		require.Len(t, seen, 25)
	})
}

func TestHistoryFailedPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		for range 205 {
			s.sell("facebook", "us")
		}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("page") == "2" {
				return answerWith(401, ""), nil
			}
			return nil, nil
		})
		_, err := c.history.read(t.Context(), orders.Range{})
		require.ErrorIs(t, err, ErrUnauthorized)
		require.False(t, c.book.KnowsNewest())
	})
}
