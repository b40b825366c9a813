package tempnumber

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// smsShop returns a shop with one activation that has its SMS, and a client that
// loses the answers to the first lost requests for another one.
func smsShop(t *testing.T, lost int, carriedOut bool, onLost func(*shop)) (*shop, *Client) {
	t.Helper()
	s := &shop{}
	s.sell("facebook", "us")
	s.change(1001, func(a *shopActivation) { a.Status, a.Message, a.Code = StatusSMSReceived, "Code 1234", "1234" })
	c := s.client(t, func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPut || lost == 0 {
			return nil, nil
		}
		lost--
		if carriedOut {
			s.answer(r)
		}
		if onLost != nil {
			onLost(s)
		}
		return nil, errLost
	})
	return s, c
}

func anotherSMS(s *shop, text string) {
	s.change(1001, func(a *shopActivation) { a.Status, a.Message, a.Code = StatusRetryReceived, text, text })
}

func TestAnotherSMSLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := smsShop(t, 1, true, nil)
		require.NoError(t, c.RequestAnotherSMS(t.Context(), 1001), "it was carried out")
		require.Equal(t, 1, s.puts)
	})
	synctest.Test(t, func(t *testing.T) {
		s, c := smsShop(t, 1, false, nil)
		require.NoError(t, c.RequestAnotherSMS(t.Context(), 1001), "the first was not carried out, the second was")
		require.Equal(t, 1, s.puts)
	})
}

func TestAnotherSMSArrivedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := smsShop(t, 1, true, func(s *shop) { anotherSMS(s, "5678") })
		_, err := c.Activation(t.Context(), 1001)
		require.NoError(t, err)
		require.NoError(t, c.RequestAnotherSMS(t.Context(), 1001))
		require.Equal(t, 1, s.puts, "a second request would have discarded the SMS")
	})
}

func TestAnotherSMSSecondRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := smsShop(t, 1, false, nil)
		anotherSMS(s, "5678") // the activation is in its second round
		_, err := c.Activation(t.Context(), 1001)
		require.NoError(t, err)
		require.NoError(t, c.RequestAnotherSMS(t.Context(), 1001), "its SMS is still the former one")
		require.Equal(t, 1, s.puts)
	})
	synctest.Test(t, func(t *testing.T) {
		s, c := smsShop(t, 1, false, nil)
		anotherSMS(s, "5678")
		err := c.RequestAnotherSMS(t.Context(), 1001)
		require.ErrorIs(t, err, ErrOutcomeUnknown, "without an earlier read the two SMS cannot be told apart")
		require.ErrorIs(t, err, errLost)
		require.ErrorContains(t, err, "look at it")
		require.Zero(t, s.puts)
	})
}

func TestAnotherSMSLateFirstRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := smsShop(t, 1, false, func(s *shop) {
			time.AfterFunc(100*time.Millisecond, func() {
				s.change(1001, func(a *shopActivation) { a.Status, a.Message = StatusRetryRequested, "" })
			})
		})
		require.NoError(t, c.RequestAnotherSMS(t.Context(), 1001), "the second request is refused because of the first")
		require.Equal(t, 1, s.puts)
	})
}

func TestAnotherSMSAttemptsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := smsShop(t, 100, false, nil)
		err := c.RequestAnotherSMS(t.Context(), 1001)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		require.Zero(t, s.puts)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		err = c.RequestAnotherSMS(ctx, 1001)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestAnotherSMSRefused(t *testing.T) {
	s := &shop{}
	s.sell("facebook", "us")
	gets := 0
	c := s.client(t, func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			gets++
		}
		return nil, nil
	})
	require.ErrorIs(t, c.RequestAnotherSMS(t.Context(), 1001), ErrBadState)
	require.Zero(t, gets)
}

func TestAnotherSMSFailedCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPut {
				return answerWith(502, "<html>"), nil
			}
			return answerWith(410, `{"errorName": "GoneException", "errorMessage": "gone"}`), nil
		})
		err := c.RequestAnotherSMS(t.Context(), 1001)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		require.ErrorIs(t, err, ErrUnavailable)
		require.ErrorIs(t, err, ErrGone)
	})
}
