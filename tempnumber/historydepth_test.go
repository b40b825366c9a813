package tempnumber

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func made(id int, second int) *Activation {
	a := &Activation{ID: ActivationID(id)}
	if second > 0 {
		a.CreatedAt = time.Unix(int64(second), 0)
	}
	return a
}

func TestTheOrderOfAHistoryIsLearntFromAPage(t *testing.T) {
	for name, c := range map[string]struct {
		page []*Activation
		want arrangement
	}{
		"empty":              {nil, arrangement{}},
		"one":                {[]*Activation{made(1, 1)}, arrangement{}},
		"by id, down":        {[]*Activation{made(3, 0), made(2, 0), made(1, 0)}, arrangement{newestFirst: true, byID: true}},
		"by id, up":          {[]*Activation{made(1, 0), made(2, 0)}, arrangement{oldestFirst: true, byID: true}},
		"by second, down":    {[]*Activation{made(3, 9), made(4, 9), made(1, 8)}, arrangement{newestFirst: true}},
		"by second, up":      {[]*Activation{made(1, 7), made(4, 9), made(3, 9)}, arrangement{oldestFirst: true}},
		"in one second":      {[]*Activation{made(1, 7), made(3, 7), made(2, 7)}, arrangement{}},
		"in no order at all": {[]*Activation{made(1, 7), made(3, 9), made(2, 8)}, arrangement{}},
	} {
		require.Equal(t, c.want, arrangementOf(c.page), name)
	}
}

func TestAPageReachesADepthByItsOldest(t *testing.T) {
	page := []*Activation{made(5, 50), made(4, 40), made(3, 30)}
	down, up, seconds := arrangement{newestFirst: true, byID: true}, arrangement{oldestFirst: true, byID: true}, arrangement{newestFirst: true}
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	require.False(t, down.reaches(2, at(0), page))
	require.True(t, down.reaches(3, at(0), page))
	require.False(t, down.reaches(0, at(30), page))
	require.True(t, down.reaches(0, at(31), page))
	require.False(t, up.reaches(4, at(50), page), "its oldest stands first")
	require.True(t, up.reaches(5, at(0), page))
	require.False(t, seconds.reaches(9, at(0), page), "ids say nothing there")
	require.True(t, seconds.reaches(9, at(31), page))
	require.False(t, down.reaches(9, at(99), nil))
	require.False(t, arrangement{}.reaches(9, at(99), page))
	require.False(t, down.reaches(0, at(99), []*Activation{made(5, 0)}), "not told when it was made")
}

func TestDepthsAreJoinedToTheDeepest(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	a, b := depth{above: 5, since: at(10)}, depth{above: 3, since: at(20)}
	require.Equal(t, depth{above: 3, since: at(10)}, a.and(b))
	require.Equal(t, depth{above: 3, since: at(10)}, b.and(a))
	require.False(t, a.covers(b))
	require.True(t, a.and(b).covers(a))
	require.True(t, a.covers(a))
}

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

func TestTheHistoryIsReadDownToADepth(t *testing.T) {
	for name, c := range map[string]struct {
		total int
		pages [][]int
		above ActivationID
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
				require.False(t, client.ledger.knowsNewest())
				seen, err := client.historyDownTo(t.Context(), depth{above: c.above})
				require.NoError(t, err)
				require.Equal(t, c.want, idsOf(seen))
				require.Equal(t, c.asked, *asked)
				require.True(t, client.ledger.knowsNewest())
			})
		})
	}
}

func TestAPageSizeThatIsRefusedIsLeftToTheService(t *testing.T) {
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
		seen, err := c.historyDownTo(t.Context(), depth{})
		require.NoError(t, err)
		require.Len(t, seen, 25)
	})
}

func TestAPageThatFailsEndsTheReading(t *testing.T) {
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
		_, err := c.historyDownTo(t.Context(), depth{})
		require.ErrorIs(t, err, ErrUnauthorized)
		require.False(t, c.ledger.knowsNewest())
	})
}
