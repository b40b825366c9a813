package service

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// ids are the activations of a page, counted from the first order on.
func ids(page Page) []int {
	list := []int{}
	for _, a := range page.Activations {
		list = append(list, int(a.ID-firstAscending)+1)
	}
	return list
}

func TestHistoryPages(t *testing.T) {
	s := open()
	fill(t, s, 7)
	cases := []struct {
		query PageQuery
		want  []int
	}{
		{PageQuery{Page: 1, Limit: 3}, []int{7, 6, 5}},
		{PageQuery{Page: 2, Limit: 3}, []int{4, 3, 2}},
		{PageQuery{Page: 3, Limit: 3}, []int{1}},
		{PageQuery{Page: 4, Limit: 3}, []int{}},
		{PageQuery{Page: math.MaxInt, Limit: 3}, []int{}},
		{PageQuery{Page: 1, Limit: 7}, []int{7, 6, 5, 4, 3, 2, 1}},
		{PageQuery{Page: 1, Limit: 3, OldestFirst: true}, []int{1, 2, 3}},
		{PageQuery{Page: 3, Limit: 3, OldestFirst: true}, []int{7}},
	}
	for _, c := range cases {
		page, err := s.History(noon, c.query)
		require.NoError(t, err)
		require.Equal(t, c.want, ids(page), "%+v", c.query)
		require.Equal(t, 7, page.Total)
		require.Equal(t, (7+c.query.Limit-1)/c.query.Limit, page.Pages)
	}
	empty, err := open().History(noon, PageQuery{Page: 1, Limit: 10})
	require.NoError(t, err)
	require.Zero(t, empty.Pages)
}

func TestHistoryHidePending(t *testing.T) {
	s := open()
	fill(t, s, 4)
	require.NoError(t, s.Deliver(noon, firstAscending+1, NewSMS("", "hello")))
	require.NoError(t, s.Expire(noon, firstAscending+2))
	page, err := s.History(noon, PageQuery{Page: 1, Limit: 10, HidePending: true})
	require.NoError(t, err)
	require.Equal(t, []int{3, 2}, ids(page))
	require.Equal(t, 2, page.Total)
}

func TestHistoryKeep(t *testing.T) {
	s := open(func(c *Config) { c.Keep, c.Delivery.Percent = 3, 0 })
	order(t, s, noon)
	for range 5 {
		require.NoError(t, s.Deliver(noon, order(t, s, noon).ID, NewSMS("", "hello")))
	}
	require.Len(t, s.All(noon), 6, "the oldest one still waits, and keeps those behind it")

	require.NoError(t, s.Deliver(noon, firstAscending, NewSMS("", "hello")))
	order(t, s, noon)
	require.Len(t, s.All(noon), 3)
	require.Len(t, s.byNumber, 3)
	require.Len(t, s.events.queue, 3, "what is let go of leaves nothing behind")

	_, err := s.Activation(noon, firstAscending)
	requireRefused(t, Gone, err)
	for _, never := range []tempnumber.ActivationID{firstAscending - 1, firstAscending + 7, -1, 0, 1 << 62, -1 << 62} {
		_, err := s.Activation(noon, never)
		requireRefused(t, NotFound, err)
	}
	require.Equal(t, firstAscending+6, look(t, s, after(time.Hour), firstAscending+6).ID)
}

func TestOnHold(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	s.Hold(true)
	_, err := s.Activation(noon, a.ID)
	requireRefused(t, AccountOnHold, err)
	_, err = s.History(noon, PageQuery{Page: 1, Limit: 10})
	requireRefused(t, AccountOnHold, err)
	s.Hold(false)
	look(t, s, noon, a.ID)
}

// Activations with long texts go sooner.
func TestDropLongTexts(t *testing.T) {
	s := open(func(c *Config) { c.Keep, c.PendingCap, c.Balance = 10_000, 0, 9000*tempnumber.Dollar })
	text := strings.Repeat("😀", 10_000)
	first := order(t, s, noon)
	for range 1000 {
		a := order(t, s, noon)
		require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", text)))
	}
	require.Len(t, s.All(noon), 1001, "the first one waits")
	require.NoError(t, s.Deliver(noon, first.ID, NewSMS("", text)))
	last := order(t, s, noon)
	bytes := 0
	for _, a := range s.All(noon) {
		bytes += len(a.Message)
	}
	require.Equal(t, s.texts, bytes)
	require.LessOrEqual(t, bytes, maxTexts)
	require.Greater(t, bytes, maxTexts-len(text))
	_, err := s.LastOf(noon, first.Number.Digits())
	require.Error(t, err)
	found, err := s.LastOf(noon, last.Number.Digits())
	require.NoError(t, err)
	require.Equal(t, last.ID, found.ID)
	require.Len(t, s.newest, len(s.kept))
}
