package service

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func TestDeliver(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	require.NoError(t, s.Deliver(after(time.Minute), a.ID, NewSMS("", "Your code is 05678")))
	a = look(t, s, after(time.Minute), a.ID)
	require.Equal(t, tempnumber.StatusSMSReceived, a.Status)
	require.Equal(t, "05678", a.Code)
	require.True(t, a.CanRetry)
	require.Zero(t, s.Pending())
	require.ErrorContains(t, s.Deliver(after(time.Minute), a.ID, NewSMS("", "another")), "does not wait for an SMS: its status is smsReceived")
}

func TestDeliverToNumberForms(t *testing.T) {
	for _, write := range []func(Number) string{
		Number.Digits,
		func(n Number) string { return "+" + n.Digits() },
		func(n Number) string { return "00" + n.Digits() },
		func(n Number) string { return n.Formatted },
	} {
		s := open()
		a := order(t, s, noon)
		other := order(t, s, noon)
		id, err := s.DeliverTo(noon, write(a.Number), NewSMS("", "hello"))
		require.NoError(t, err)
		require.Equal(t, a.ID, id)
		require.Equal(t, tempnumber.StatusSMSRequested, look(t, s, noon, other.ID).Status)
	}
	_, err := open().DeliverTo(noon, "+18454123223", NewSMS("", "hello"))
	require.ErrorContains(t, err, "no living number")
}

func TestRetry(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	requireRefused(t, BadState, s.Retry(noon, a.ID))
	require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "code 1111")))
	require.NoError(t, s.Retry(noon, a.ID))

	a = look(t, s, noon, a.ID)
	require.Equal(t, tempnumber.StatusRetryRequested, a.Status)
	require.Empty(t, a.Message)
	require.Empty(t, a.Code)
	require.False(t, a.CanRetry)
	require.Equal(t, 1, s.Pending())
	requireRefused(t, BadState, s.Retry(noon, a.ID))

	require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "code 2222")))
	a = look(t, s, noon, a.ID)
	require.Equal(t, tempnumber.StatusRetryReceived, a.Status)
	require.Equal(t, "2222", a.Code)
	require.NoError(t, s.Retry(noon, a.ID), "and another one after that")
}

func TestRetryRefused(t *testing.T) {
	received := func(s *Service) tempnumber.ActivationID {
		a := order(t, s, noon)
		require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "code 1111")))
		return a.ID
	}
	s := open()
	id := received(s)
	require.NoError(t, s.SetRetry(id, false))
	require.False(t, look(t, s, noon, id).CanRetry)
	requireRefused(t, BadState, s.Retry(noon, id))
	require.NoError(t, s.SetRetry(id, true))
	require.NoError(t, s.Retry(noon, id))

	id = received(s)
	s.Advance(after(20 * time.Minute))
	requireRefused(t, BadState, s.Retry(after(20*time.Minute), id))
	require.NoError(t, s.Forget(after(20*time.Minute), id))
	requireRefused(t, Gone, s.Retry(after(20*time.Minute), id))
	requireRefused(t, NotFound, s.Retry(after(20*time.Minute), 1))

	s.Hold(true)
	requireRefused(t, AccountOnHold, s.Retry(after(20*time.Minute), id))
}

// always lets the same SMS come to everybody.
func always(delay time.Duration, text string) AutoSMS {
	return func(Activation) (time.Duration, string, bool) { return delay, text, true }
}

func TestAutoSMS(t *testing.T) {
	s := open()
	s.SetAutoSMS(always(30*time.Second, "Your code is {code}"))
	a := order(t, s, noon)
	require.Equal(t, tempnumber.StatusSMSRequested, look(t, s, after(30*time.Second-1), a.ID).Status)
	first := look(t, s, after(30*time.Second), a.ID)
	require.Equal(t, tempnumber.StatusSMSReceived, first.Status)
	require.Equal(t, "Your code is "+first.Code, first.Message)
	require.Len(t, first.Code, 6)

	require.NoError(t, s.Retry(after(time.Minute), a.ID))
	require.Equal(t, tempnumber.StatusRetryRequested, look(t, s, after(90*time.Second-1), a.ID).Status)
	second := look(t, s, after(90*time.Second), a.ID)
	require.Equal(t, tempnumber.StatusRetryReceived, second.Status)
	require.NotEqual(t, first.Code, second.Code)
}

func TestAutoSMSOfFormerWait(t *testing.T) {
	s := open()
	s.SetAutoSMS(always(30*time.Second, "by itself"))
	a := order(t, s, noon)
	require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "by hand")))
	s.SetAutoSMS(nil)
	require.NoError(t, s.Retry(noon, a.ID))
	require.Equal(t, tempnumber.StatusRetryRequested, look(t, s, after(time.Minute), a.ID).Status)
}

func TestSMSAtExpiry(t *testing.T) {
	for delay, want := range map[time.Duration]tempnumber.Status{
		20*time.Minute - 1: tempnumber.StatusSMSReceived,
		20 * time.Minute:   tempnumber.StatusRefunded,
		20*time.Minute + 1: tempnumber.StatusRefunded,
	} {
		s := open()
		s.SetAutoSMS(always(delay, "hello"))
		a := order(t, s, noon)
		// Nobody looks until long after: what happened first still counts.
		require.Equal(t, want, look(t, s, after(time.Hour), a.ID).Status, "an SMS after %v", delay)
	}
}

func TestCodesDiffer(t *testing.T) {
	s := open()
	seen := map[string]bool{}
	zeros := 0
	for range 100_000 {
		code := s.nextCode()
		seen[code] = true
		if code[0] == '0' {
			zeros++
		}
	}
	require.Len(t, seen, 100_000)
	require.NotZero(t, zeros, "some begin with a zero")
}
