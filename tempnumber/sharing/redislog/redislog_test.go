package redislog_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/redislog"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// connect returns a client of a Redis in memory, or of the real one that REDISLOG_URL names.
func connect(t *testing.T) redis.UniversalClient {
	t.Helper()
	options := &redis.Options{}
	if url := os.Getenv("REDISLOG_URL"); url != "" {
		var err error
		options, err = redis.ParseURL(url)
		require.NoError(t, err)
	} else {
		options.Addr = miniredis.RunT(t).Addr()
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	require.NoError(t, client.FlushAll(t.Context()).Err())
	return client
}

func open(t *testing.T, client redis.UniversalClient, opts ...redislog.Option) sharing.Log {
	t.Helper()
	log, err := redislog.New(client, opts...).Open("test")
	require.NoError(t, err)
	return log
}

func TestLog(t *testing.T) {
	for name, lose := range map[string]func(ctx context.Context, client redis.UniversalClient) error{
		"emptied": func(ctx context.Context, c redis.UniversalClient) error { return c.FlushAll(ctx).Err() },
		"stream deleted": func(ctx context.Context, c redis.UniversalClient) error {
			return c.Del(ctx, "tempnumber:{test}:log").Err()
		},
		"state deleted": func(ctx context.Context, c redis.UniversalClient) error {
			return c.Del(ctx, "tempnumber:{test}:state").Err()
		},
		"cut off": func(ctx context.Context, c redis.UniversalClient) error {
			return c.XTrimMaxLen(ctx, "tempnumber:{test}:log", 1).Err()
		},
		"another server": func(ctx context.Context, c redis.UniversalClient) error {
			return c.HSet(ctx, "tempnumber:{test}:state", "run", "of an older server").Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := connect(t)
			sharingtest.TestLog(t,
				func(t *testing.T) sharing.Log { return open(t, client) },
				func(t *testing.T) { require.NoError(t, lose(t.Context(), client)) })
		})
	}
}

func TestFirstUse(t *testing.T) {
	client := connect(t)
	v, err := open(t, client).Read(t.Context(), sharing.Cursor{})
	require.NoError(t, err)
	require.False(t, v.Epoch.New, "an empty Redis looks like one that was emptied")
	require.NoError(t, client.FlushAll(t.Context()).Err())
	v, err = open(t, client, redislog.Fresh()).Read(t.Context(), sharing.Cursor{})
	require.NoError(t, err)
	require.True(t, v.Epoch.New)
}

func TestClients(t *testing.T) {
	client := connect(t)
	server := tempnumbertest.NewServer()
	share := tempnumber.WithSharing(redislog.New(client, redislog.Fresh()))
	one, two := server.Client(t, share), server.Client(t, share)
	for range 5 {
		for _, c := range []*tempnumber.Client{one, two} {
			_, err := c.Balance(t.Context())
			require.NoError(t, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := one.Balance(ctx)
	var throttled *tempnumber.ThrottledError
	require.ErrorAs(t, err, &throttled)
	require.Len(t, server.Requests(), 10)

	a, err := one.CreateActivation(t.Context(), tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	require.NoError(t, err)
	time.AfterFunc(300*time.Millisecond, func() { _ = server.DeliverSMS(a.ID, "Your code is 90817") })
	got, err := two.WaitSMS(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, "90817", string(got.Code))

	require.NoError(t, client.FlushAll(t.Context()).Err())
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = two.Offer(ctx, "facebook", "us")
	require.ErrorAs(t, err, &throttled, "nobody knows what was sent before")
	require.Greater(t, throttled.Wait, time.Minute)
}

func TestUnreachable(t *testing.T) {
	server := tempnumbertest.NewServer()
	logs, err := redislog.Dial("redis://127.0.0.1:1/0")
	require.NoError(t, err)
	client := server.Client(t, tempnumber.WithSharing(logs))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	start := time.Now()
	_, err = client.Balance(ctx)
	require.ErrorIs(t, err, tempnumber.ErrSharing)
	require.Less(t, time.Since(start), 4*time.Second)
	require.Empty(t, server.Requests())

	_, err = redislog.Dial("http://user:secret-password@host")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "secret-password")
}

func TestWrongPassword(t *testing.T) {
	if os.Getenv("REDISLOG_URL") != "" {
		t.Skip("the real one has no password")
	}
	redis := miniredis.RunT(t)
	redis.RequireAuth("right")
	logs, err := redislog.Dial("redis://:secret-password@" + redis.Addr())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = tempnumbertest.NewServer().Client(t, tempnumber.WithSharing(logs)).Balance(ctx)
	require.ErrorIs(t, err, tempnumber.ErrSharing)
	require.True(t, strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), "invalid password"), err)
	require.NotContains(t, err.Error(), "secret-password")
}
