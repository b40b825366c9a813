package orders

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOrderOf(t *testing.T) {
	for name, c := range map[string]struct {
		page []Activation
		want Order
	}{
		"empty":              {nil, Order{}},
		"one":                {[]Activation{made(1, 1)}, Order{}},
		"by id, down":        {[]Activation{made(3, 0), made(2, 0), made(1, 0)}, Order{NewestFirst: true, ByID: true}},
		"by id, up":          {[]Activation{made(1, 0), made(2, 0)}, Order{OldestFirst: true, ByID: true}},
		"by second, down":    {[]Activation{made(3, 9), made(4, 9), made(1, 8)}, Order{NewestFirst: true}},
		"by second, up":      {[]Activation{made(1, 7), made(4, 9), made(3, 9)}, Order{OldestFirst: true}},
		"in one second":      {[]Activation{made(1, 7), made(3, 7), made(2, 7)}, Order{}},
		"ids of no order":    {[]Activation{made(9, 9), made(3, 8), made(4, 7)}, Order{NewestFirst: true}},
		"ids that descend":   {[]Activation{made(3, 9), made(4, 8)}, Order{NewestFirst: true}},
		"in no order at all": {[]Activation{made(1, 7), made(3, 9), made(2, 8)}, Order{}},
	} {
		require.Equal(t, c.want, OrderOf(c.page), name)
	}
}

func TestIsPast(t *testing.T) {
	page := []Activation{made(5, 50), made(4, 40), made(3, 30)}
	down, up, seconds := Order{NewestFirst: true, ByID: true}, Order{OldestFirst: true, ByID: true}, Order{NewestFirst: true}
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	var unset time.Time
	require.False(t, down.IsPast(2, unset, page))
	require.True(t, down.IsPast(3, unset, page))
	require.False(t, down.IsPast(9, at(30), page), "the time decides where there is one")
	require.True(t, down.IsPast(0, at(31), page))
	require.False(t, up.IsPast(4, at(50), page), "its oldest is first")
	require.True(t, up.IsPast(5, unset, page))
	require.False(t, seconds.IsPast(9, unset, page), "the page is not ordered by id")
	require.True(t, seconds.IsPast(9, at(31), page))
	untimed := []Activation{made(5, 0), made(3, 0)}
	require.True(t, down.IsPast(3, at(99), untimed))
	require.False(t, down.IsPast(2, at(99), untimed))
	require.False(t, down.IsPast(9, at(99), nil))
	require.False(t, Order{}.IsPast(9, at(99), page))
	require.False(t, down.IsPast(0, at(99), []Activation{made(5, 0)}), "no creation time")
}

func TestRange(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	a, b := Range{Above: 5, Since: at(10)}, Range{Above: 3, Since: at(20)}
	require.Equal(t, Range{Above: 3, Since: at(10)}, a.And(b))
	require.Equal(t, Range{Above: 3, Since: at(10)}, b.And(a))
	require.False(t, a.Covers(b))
	require.True(t, a.And(b).Covers(a))
	require.True(t, a.Covers(a))
}

// listing is a history of which one page after the other is asked for.
type listing struct {
	rows  []Activation
	size  int // of a page
	pages int // how many it says there are, 0 when it does not
	shown map[int64]bool
	asked []int
}

func (l *listing) ask(page int) (p Page, err error) {
	l.asked = append(l.asked, page)
	p.Pages = l.pages
	if from := (page - 1) * l.size; from < len(l.rows) {
		p.All = l.rows[from:min(from+l.size, len(l.rows))]
	}
	for _, a := range p.All {
		if !l.shown[a.ID] {
			l.shown[a.ID] = true
			p.New = append(p.New, a)
		}
	}
	return p, nil
}

// rows returns the activations from one second to another, whose ids are ten times as high.
func rows(from, to int) (all []Activation) {
	step := 1
	if from > to {
		step = -1
	}
	for s := from; s != to+step; s += step {
		all = append(all, made(10*s, s))
	}
	return all
}

func TestReadNewest(t *testing.T) {
	at := func(s int) Range { return Range{Since: time.Unix(int64(s), 0)} }
	for name, c := range map[string]struct {
		listing listing
		want    Range
		asked   []int
	}{
		"none":                    {listing{size: 2}, at(5), []int{1}},
		"newest first":            {listing{rows: rows(9, 1), size: 2, pages: 5}, at(7), []int{1, 2}},
		"at the edge of a page":   {listing{rows: rows(9, 1), size: 2, pages: 5}, at(8), []int{1, 2}},
		"to the end":              {listing{rows: rows(9, 1), size: 2, pages: 5}, at(1), []int{1, 2, 3, 4, 5}},
		"pages are not told":      {listing{rows: rows(9, 1), size: 2}, at(1), []int{1, 2, 3, 4, 5, 6}},
		"not told, not all":       {listing{rows: rows(9, 1), size: 2}, at(7), []int{1, 2}},
		"oldest first":            {listing{rows: rows(1, 9), size: 2, pages: 5}, at(8), []int{1, 5, 4}},
		"oldest first, all":       {listing{rows: rows(1, 9), size: 2, pages: 5}, at(1), []int{1, 5, 4, 3, 2}},
		"oldest first, one page":  {listing{rows: rows(1, 2), size: 2, pages: 1}, at(1), []int{1}},
		"oldest first, not told":  {listing{rows: rows(1, 9), size: 2}, at(8), []int{1, 2, 3, 4, 5, 6}},
		"the last page is gone":   {listing{rows: rows(1, 8), size: 2, pages: 5}, at(7), []int{1, 5, 4, 3}},
		"the first says nothing":  {listing{rows: rows(1, 9), size: 1, pages: 9}, at(9), []int{1, 2, 9, 8}},
		"in no order":             {listing{rows: append(rows(5, 6), rows(3, 4)...), size: 2, pages: 2}, at(9), []int{1, 2}},
		"by id":                   {listing{rows: rows(9, 1), size: 2, pages: 5}, Range{Above: 70}, []int{1, 2}},
		"by id, at the edge":      {listing{rows: rows(9, 1), size: 2, pages: 5}, Range{Above: 80}, []int{1}},
		"more than it says":       {listing{rows: rows(9, 1), size: 2, pages: 2}, at(1), []int{1, 2}},
		"it repeats itself":       {listing{rows: append(rows(9, 8), rows(9, 8)...), size: 2}, at(1), []int{1, 2}},
		"fewer than it says":      {listing{rows: rows(9, 6), size: 2, pages: 9}, at(1), []int{1, 2, 3}},
		"the last repeats itself": {listing{rows: append(rows(1, 6), rows(5, 6)...), size: 2, pages: 4}, at(5), []int{1, 4, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			l := c.listing
			l.shown = make(map[int64]bool)
			clock := ServerClock{source: SourceActivation, ahead: clockTolerance} // the clocks agree
			require.NoError(t, ReadNewest(c.want, &clock, l.ask))
			require.Equal(t, c.asked, l.asked)
		})
	}
}

// The first page may be the first that tells the server's clock.
func TestReadNewestLearnsClock(t *testing.T) {
	l := listing{rows: rows(900, 1), size: 10, pages: 90, shown: make(map[int64]bool)}
	var clock ServerClock
	require.NoError(t, ReadNewest(Range{Since: time.Unix(1885, 0)}, &clock, func(page int) (Page, error) {
		clock.source, clock.ahead = SourceActivation, clockTolerance-1000*time.Second
		return l.ask(page)
	}))
	require.Equal(t, []int{1, 2}, l.asked, "885 by the server's clock is on the second page")
}

func TestReadNewestFails(t *testing.T) {
	broken := errors.New("broken")
	for _, last := range []int{1, 2, 3} {
		l := listing{rows: rows(9, 1), size: 2, pages: 5, shown: make(map[int64]bool)}
		err := ReadNewest(Range{}, &ServerClock{}, func(page int) (Page, error) {
			if page == last {
				return Page{}, broken
			}
			return l.ask(page)
		})
		require.ErrorIs(t, err, broken)
		require.Len(t, l.asked, last-1)
	}
}

func TestKnowsNewest(t *testing.T) {
	b := &Book{}
	require.False(t, b.KnowsNewest())
	p := b.Begin(facebook())
	p.Finish(0)
	require.False(t, b.KnowsNewest())
	p = b.Begin(facebook())
	p.Finish(7)
	require.True(t, b.KnowsNewest())
}
