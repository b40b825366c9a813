package tempnumber

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

// historyOf serves a history of the given pages; total tells how many there are, below 0 for the truth.
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

func TestHistoryIsReadDownToARange(t *testing.T) {
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
		"some slip to the next page":     {-1, [][]int{{6, 5}, {5, 4}, {4, 3}}, 3, []ActivationID{6, 5, 4, 3}, 3},
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

func TestRefusedPageSizeIsLeftToTheService(t *testing.T) {
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

func TestFailedPageEndsTheReading(t *testing.T) {
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
