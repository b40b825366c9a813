package tempnumber_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// soon is how long a single wait may take to see an SMS: a little more than the
// interval of its polls.
const soon = 2500 * time.Millisecond

var facebookUS = tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}

// waiting runs f with a server, a client and one activation, in virtual time.
func waiting(t *testing.T, f func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID), opts ...tempnumbertest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(opts...)
		client := server.Client(t)
		a, err := client.CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		f(t, server, client, a.ID)
	})
}

// ends checks the error of a failed wait and returns it.
func ends(t *testing.T, a *tempnumber.Activation, err error, id tempnumber.ActivationID, why error) *tempnumber.WaitError {
	t.Helper()
	require.Nil(t, a)
	require.ErrorIs(t, err, why)
	var wait *tempnumber.WaitError
	require.ErrorAs(t, err, &wait)
	require.Equal(t, id, wait.ID, "the error has the id")
	return wait
}

func TestWaitPollsAtOnce(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		require.NoError(t, server.DeliverSMS(id, "Your code is 05678"))
		start := time.Now()
		a, err := client.WaitSMS(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, tempnumber.Code("05678"), a.Code)
		require.Zero(t, time.Since(start))
	})
}

func TestConsecutiveWaitsPollAtOnce(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := client.WaitSMS(ctx, id)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		other, err := client.CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		require.NoError(t, server.DeliverSMS(other.ID, "Your code is 05678"))
		start := time.Now()
		for range 10 {
			_, err := client.WaitSMS(t.Context(), other.ID)
			require.NoError(t, err)
		}
		require.Zero(t, time.Since(start))
		require.Empty(t, listsOf(server), "there was never more than one wait")
	})
}

func TestWaitReturnsSMSSoon(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		time.AfterFunc(41*time.Second, func() { _ = server.DeliverSMS(id, "Your code is 05678") })
		start := time.Now()
		a, err := client.WaitSMS(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "Your code is 05678", a.Message)
		require.Less(t, time.Since(start), 41*time.Second+soon)
	})
}

func TestWaitContext(t *testing.T) {
	waiting(t, func(t *testing.T, _ *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		a, err := client.WaitSMS(ctx, id)
		wait := ends(t, a, err, id, context.DeadlineExceeded)
		require.NotErrorIs(t, err, tempnumber.ErrExpired)
		require.Equal(t, 30*time.Second, time.Since(start))
		require.Equal(t, 30*time.Second, wait.Elapsed)
		require.Equal(t, tempnumber.StatusSMSRequested, wait.Last.Status)
		require.Greater(t, wait.Polls, 10)

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(333*time.Millisecond, cancel)
		start = time.Now()
		a, err = client.WaitSMS(ctx, id)
		ends(t, a, err, id, context.Canceled)
		require.Equal(t, 333*time.Millisecond, time.Since(start))

		a, err = client.WaitSMS(ctx, id)
		ends(t, a, err, id, context.Canceled)
	})
}

func TestWaitExpiry(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		start := time.Now()
		a, err := client.WaitSMS(t.Context(), id)
		wait := ends(t, a, err, id, tempnumber.ErrExpired)
		require.InDelta(t, (7 * time.Minute).Seconds(), time.Since(start).Seconds(), 2)
		require.NotNil(t, wait.Last)
	}, tempnumbertest.WithLifetime(7*time.Minute))
}

func TestLastPollIsRetried(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Drop: true, Skip: 1})
		start := time.Now()
		a, err := client.WaitSMS(t.Context(), id)
		ends(t, a, err, id, tempnumber.ErrExpired)
		require.NotErrorIs(t, err, tempnumber.ErrRefunded)
		require.InDelta(t, (9 * time.Minute).Seconds(), time.Since(start).Seconds(), 2)
	}, tempnumbertest.WithLifetime(7*time.Minute))
}

func TestUnreachable(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Drop: true})
		start := time.Now()
		a, err := client.WaitSMS(t.Context(), id)
		wait := ends(t, a, err, id, tempnumber.ErrUnreachable)
		require.NotErrorIs(t, err, tempnumber.ErrExpired)
		var last *tempnumber.TransportError
		require.ErrorAs(t, err, &last, "the last failure is inside")
		require.Nil(t, wait.Last)
		require.InDelta(t, (22 * time.Minute).Seconds(), time.Since(start).Seconds(), 60, "numbers live 20 minutes at most; then the last look is tried for a while")

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		a, err = client.WaitSMS(ctx, id)
		ends(t, a, err, id, context.DeadlineExceeded)
		require.ErrorIs(t, err, tempnumber.ErrUnreachable, "also when the context ends first")
		require.ErrorAs(t, err, &last)
	})
}

func TestReachedIsNotUnreachable(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		server.Fail(tempnumber.EndpointGetActivation, tempnumbertest.Fault{Drop: true, Skip: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		a, err := client.WaitSMS(ctx, id)
		ends(t, a, err, id, context.DeadlineExceeded)
		require.NotErrorIs(t, err, tempnumber.ErrUnreachable)
	})
}

func TestLastLookFindsTheSMS(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		server.Fail(tempnumber.EndpointGetActivation, tempnumbertest.Fault{Drop: true, Skip: 1, Times: 270})
		server.Fail(tempnumber.EndpointListActivations, tempnumbertest.Fault{Drop: true})
		time.AfterFunc(7*time.Minute-time.Second, func() { require.NoError(t, server.DeliverSMS(id, "Your code is 05678")) })
		a, err := client.WaitSMS(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, tempnumber.Code("05678"), a.Code)
	}, tempnumbertest.WithLifetime(7*time.Minute))
}

func TestOneOddAnswerEndsNothing(t *testing.T) {
	body := func(id tempnumber.ActivationID, fields string) string {
		return `{"id":` + id.String() + `,"number":18454123223,` + fields + `}`
	}
	for name, odd := range map[string]func(id tempnumber.ActivationID) tempnumbertest.Fault{
		"not found": func(tempnumber.ActivationID) tempnumbertest.Fault { return tempnumbertest.Fault{Status: 404} },
		"gone":      func(tempnumber.ActivationID) tempnumbertest.Fault { return tempnumbertest.Fault{Status: 410} },
		"expired": func(id tempnumber.ActivationID) tempnumbertest.Fault {
			return tempnumbertest.Fault{Status: 200, Body: body(id, `"status":"smsRequested","numberExpireAt":1000,"utc":2000`)}
		},
		"refunded": func(id tempnumber.ActivationID) tempnumbertest.Fault {
			return tempnumbertest.Fault{Status: 200, Body: body(id, `"status":"refunded"`)}
		},
		"refunded and expired": func(id tempnumber.ActivationID) tempnumbertest.Fault {
			return tempnumbertest.Fault{Status: 200, Body: body(id, `"status":"refunded","numberExpireAt":1000,"utc":2000`)}
		},
		"failed": func(id tempnumber.ActivationID) tempnumbertest.Fault {
			return tempnumbertest.Fault{Status: 200, Body: body(id, `"status":"error"`)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
				fault := odd(id)
				fault.Skip, fault.Times = 3, 1
				server.Fail(tempnumber.EndpointGetActivation, fault)
				time.AfterFunc(30*time.Second, func() { _ = server.DeliverSMS(id, "Your code is 05678") })
				a, err := client.WaitSMS(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, tempnumber.Code("05678"), a.Code)
			})
		})
	}
}

func TestEveryAnswerFeedsTheWaits(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, client *tempnumber.Client, id tempnumber.ActivationID) error{
		"Activation": func(ctx context.Context, client *tempnumber.Client, id tempnumber.ActivationID) error {
			_, err := client.Activation(ctx, id)
			return err
		},
		"ActivationsPage": func(ctx context.Context, client *tempnumber.Client, _ tempnumber.ActivationID) error {
			_, err := client.ActivationsPage(ctx, tempnumber.ListParams{})
			return err
		},
		"DeliveryStats": func(ctx context.Context, client *tempnumber.Client, _ tempnumber.ActivationID) error {
			_, err := client.DeliveryStats(ctx)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := crowd(t)
				ids := order(t, client, 100)
				for _, id := range ids {
					time.AfterFunc(10*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
				}
				start := time.Now()
				var wg sync.WaitGroup
				wg.Go(func() {
					time.Sleep(10*time.Second + time.Millisecond)
					require.NoError(t, call(t.Context(), client, ids[99]))
				})
				a, err := client.WaitSMS(t.Context(), ids[99])
				require.NoError(t, err)
				require.Equal(t, codeOf(ids[99]), string(a.Code))
				require.Equal(t, 10*time.Second+time.Millisecond, time.Since(start))
				wg.Wait()
			})
		})
	}
}

func TestAfterWithoutAnotherSMS(t *testing.T) {
	var log strings.Builder
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithLifetime(7 * time.Minute))
		client := server.Client(t, tempnumber.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		first, err := client.CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		require.NoError(t, server.DeliverSMS(first.ID, "Your code is 05678"))
		first, err = client.WaitSMS(t.Context(), first.ID)
		require.NoError(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(3*time.Second, func() {
			synctest.Wait() // or the log may still be written to
			require.Contains(t, log.String(), "RequestAnotherSMS", "it is noticed at once")
		})
		a, err := client.WaitSMS(ctx, first.ID, tempnumber.After(first))
		ends(t, a, err, first.ID, context.DeadlineExceeded)
		require.ErrorContains(t, err, "RequestAnotherSMS")
		require.Equal(t, 1, strings.Count(log.String(), "not asked for"))

		log.Reset()
		require.NoError(t, client.RequestAnotherSMS(t.Context(), first.ID))
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		a, err = client.WaitSMS(ctx, first.ID, tempnumber.After(first))
		ends(t, a, err, first.ID, context.DeadlineExceeded)
		require.NotContains(t, err.Error(), "RequestAnotherSMS")
		require.Empty(t, log.String())
	})
}

func TestWaitRefundAndFailure(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		time.AfterFunc(10*time.Second, func() { _ = server.Refund(id) })
		a, err := client.WaitSMS(t.Context(), id)
		ends(t, a, err, id, tempnumber.ErrRefunded)
	})
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		time.AfterFunc(10*time.Second, func() { _ = server.FailActivation(id, 3) })
		a, err := client.WaitSMS(t.Context(), id)
		wait := ends(t, a, err, id, tempnumber.ErrActivationFailed)
		require.EqualValues(t, 3, wait.Last.Reason)
	})
}

func TestWaitTransientFailures(t *testing.T) {
	for name, fault := range map[string]tempnumbertest.Fault{
		"HTML of a proxy":      {HTML: true, Times: 12},
		"lost connections":     {Drop: true, Times: 12},
		"answers cut short":    {CutBody: true, Times: 12},
		"not JSON":             {Body: "<html>", Times: 12},
		"unavailable":          {Status: 503, Times: 12},
		"too many requests":    {Status: 429, Times: 2},
		"one hanging request":  {Hang: true, Times: 1},
		"no connection at all": {Refuse: true, Times: 12},
		"an endless answer":    {SlowBody: time.Second, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
				server.Fail(tempnumber.EndpointGetActivation, fault)
				time.AfterFunc(20*time.Second, func() { _ = server.DeliverSMS(id, "Your code is 05678") })
				start := time.Now()
				a, err := client.WaitSMS(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, tempnumber.Code("05678"), a.Code)
				require.Less(t, time.Since(start), 3*time.Minute)
			})
		})
	}
}

func TestWaitPermanentErrors(t *testing.T) {
	for status, why := range map[int]error{401: tempnumber.ErrUnauthorized, 403: tempnumber.ErrAccountOnHold, 404: tempnumber.ErrNotFound, 410: tempnumber.ErrGone} {
		waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
			server.Fail(tempnumber.EndpointGetActivation, tempnumbertest.Fault{Status: status, Skip: 3})
			start := time.Now()
			a, err := client.WaitSMS(t.Context(), id)
			wait := ends(t, a, err, id, why)
			require.Less(t, time.Since(start), 4*soon)
			require.NotNil(t, wait.Last)
		})
	}
}

func TestWaitUnknownStatus(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		require.NoError(t, server.SetStatus(id, "somethingNew"))
		time.AfterFunc(30*time.Second, func() {
			_ = server.SetStatus(id, tempnumber.StatusSMSRequested)
			_ = server.DeliverSMS(id, "Your code is 05678")
		})
		var seen []tempnumber.Status
		a, err := client.WaitSMS(t.Context(), id, tempnumber.OnUpdate(func(a *tempnumber.Activation) error {
			seen = append(seen, a.Status)
			return nil
		}))
		require.NoError(t, err)
		require.Equal(t, tempnumber.Code("05678"), a.Code)
		require.Equal(t, []tempnumber.Status{"somethingNew", tempnumber.StatusSMSReceived}, seen)
	})
}

func TestWaitServiceConsumed(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		require.NoError(t, server.DeliverSMS(id, "Your code is 05678"))
		require.NoError(t, server.SetStatus(id, tempnumber.StatusServiceConsumed))
		a, err := client.WaitSMS(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, tempnumber.Code("05678"), a.Code)
	})
}

func TestWaitAfter(t *testing.T) {
	for name, text := range map[string]string{"another text": "Your code is 41234", "the same text again": "Your code is 05678"} {
		t.Run(name, func(t *testing.T) {
			waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
				require.NoError(t, server.DeliverSMS(id, "Your code is 05678"))
				prev, err := client.WaitSMS(t.Context(), id)
				require.NoError(t, err)
				for range 3 {
					require.NoError(t, client.RequestAnotherSMS(t.Context(), id))
					time.AfterFunc(9*time.Second, func() { _ = server.DeliverSMS(id, text) })
					start := time.Now()
					next, err := client.WaitSMS(t.Context(), id, tempnumber.After(prev))
					require.NoError(t, err)
					require.Equal(t, text, next.Message)
					require.Equal(t, tempnumber.StatusRetryReceived, next.Status)
					require.GreaterOrEqual(t, time.Since(start), 9*time.Second)
					prev = next
				}
			})
		})
	}
}

func TestWaitAfterWithoutNewSMS(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		require.NoError(t, server.DeliverSMS(id, "Your code is 05678"))
		prev, err := client.WaitSMS(t.Context(), id)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		a, err := client.WaitSMS(ctx, id, tempnumber.After(prev)) // no other SMS was requested
		ends(t, a, err, id, context.DeadlineExceeded)
		require.NoError(t, server.SetStatus(id, tempnumber.StatusServiceConsumed))
		a, err = client.WaitSMS(t.Context(), id, tempnumber.After(prev))
		ends(t, a, err, id, tempnumber.ErrActivationFailed)
	})
}

func TestOnUpdate(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		time.AfterFunc(60*time.Second, func() { _ = server.DeliverSMS(id, "Your code is 05678") })
		var seen []tempnumber.Status
		_, err := client.WaitSMS(t.Context(), id, tempnumber.OnUpdate(func(a *tempnumber.Activation) error {
			seen = append(seen, a.Status)
			return nil
		}))
		require.NoError(t, err)
		require.Equal(t, []tempnumber.Status{tempnumber.StatusNumberRequested, tempnumber.StatusNumberReceived, tempnumber.StatusSMSRequested, tempnumber.StatusSMSReceived}, seen)
	}, tempnumbertest.WithSetupTime(10*time.Second, 10*time.Second))
}

func TestOnUpdateError(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		enough := errors.New("enough")
		a, err := client.WaitSMS(t.Context(), id, tempnumber.OnUpdate(func(*tempnumber.Activation) error { return enough }))
		wait := ends(t, a, err, id, enough)
		require.Equal(t, 1, wait.Polls)
	})
}

func TestReceiveSMS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithSetupTime(25*time.Second, 5*time.Second))
		uses := 0
		a, err := server.Client(t).ReceiveSMS(t.Context(), facebookUS, func(_ context.Context, a *tempnumber.Activation) error {
			uses++
			time.AfterFunc(20*time.Second, func() { _ = server.DeliverSMSTo(a.Phone.E164(), "Your code is 05678") })
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 1, uses)
		require.Equal(t, tempnumber.Code("05678"), a.Code)
		require.True(t, strings.HasPrefix(a.Phone.E164(), "+1"))
	})
}

func TestReceiveSMSUseFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		client := server.Client(t)
		broken := errors.New("the form is broken")
		a, err := client.ReceiveSMS(t.Context(), facebookUS, func(context.Context, *tempnumber.Activation) error { return broken })
		wait := ends(t, a, err, server.Activations()[0].ID, broken)
		require.False(t, wait.Last.Phone.IsZero())

		require.NoError(t, server.DeliverSMS(wait.ID, "Your code is 05678"))
		a, err = client.WaitSMS(t.Context(), wait.ID)
		require.NoError(t, err)
		require.Equal(t, tempnumber.Code("05678"), a.Code)
	})
}

func TestWaitErrorText(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		require.NoError(t, server.DeliverSMS(id, "Your code is 05678"))
		_, err := client.WaitSMS(t.Context(), id, tempnumber.OnUpdate(func(*tempnumber.Activation) error { return errors.New("enough") }))
		require.NotContains(t, err.Error(), "05678")
		require.Contains(t, err.Error(), "smsReceived")
	})
}
