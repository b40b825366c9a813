package journal_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/journal"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// loseOne loses the answer to one order, which is carried out.
func loseOne(server *tempnumbertest.Server) {
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, AfterCommit: true, Drop: true})
}

// recovered returns what a later process finds.
func recovered(t *testing.T, j *journal.Journal, server *tempnumbertest.Server) []journal.Recovery {
	t.Helper()
	found, err := j.Recover(t.Context(), server.Client(t))
	require.NoError(t, err)
	return found
}

func TestRecoverLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		j := open(t, t.TempDir())
		loseOne(server)
		_, err := order(t, j, server)
		require.ErrorIs(t, err, tempnumber.ErrOutcomeUnknown)
		require.Equal(t, journal.Unknown, pending(t, j)[0].State)

		found := recovered(t, j, server)
		require.Len(t, found, 1)
		require.Len(t, found[0].Found, 1)
		require.Equal(t, server.Activations()[0].ID, found[0].Found[0].ID)
		require.NoError(t, found[0].Err)
		require.False(t, found[0].Nothing)

		require.NoError(t, j.Settle(found[0].Order, found[0].Found[0].ID))
		require.Empty(t, recovered(t, j, server))
	})
}

// A process that was killed after it had sent its order has written down the
// intent and no more.
func TestRecoverKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		j := open(t, t.TempDir())
		client := server.Client(t, tempnumber.WithPurchaseHook(j.Hook))
		a, err := client.CreateActivation(t.Context(), facebook())
		require.NoError(t, err)
		time.Sleep(time.Hour)
		found := recovered(t, j, server)
		require.Len(t, found, 1)
		require.Equal(t, journal.Sent, found[0].State)
		require.Equal(t, a.ID, found[0].Found[0].ID)
	})
}

func TestRecoverKeepsOthersApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		j := open(t, t.TempDir())
		loseOne(server)
		_, err := order(t, j, server)
		require.ErrorIs(t, err, tempnumber.ErrOutcomeUnknown)
		a, err := order(t, j, server)
		require.NoError(t, err)

		found := recovered(t, j, server)
		require.Len(t, found, 2)
		require.Len(t, found[0].Found, 1, "the number of the second order is not a candidate")
		require.NotEqual(t, a.ID, found[0].Found[0].ID)
		require.Equal(t, a.ID, found[1].ID)
		require.Equal(t, journal.Bought, found[1].State)
		require.Empty(t, found[1].Found)
	})
}

func TestRecoverNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		j := open(t, t.TempDir())
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, Drop: true})
		_, err := order(t, j, server)
		require.ErrorIs(t, err, tempnumber.ErrOutcomeUnknown)

		start := time.Now()
		found := recovered(t, j, server)
		require.Len(t, found, 1)
		require.False(t, found[0].Nothing, "it may still show up")
		require.Empty(t, found[0].Found)
		require.NoError(t, found[0].Err)
		require.GreaterOrEqual(t, time.Since(start), 30*time.Second)

		time.Sleep(time.Hour)
		start = time.Now()
		found = recovered(t, j, server)
		require.True(t, found[0].Nothing)
		require.NoError(t, found[0].Err)
		require.Less(t, time.Since(start), 5*time.Second)
	})
}

func TestRecoverUnreadableHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		j := open(t, t.TempDir())
		loseOne(server)
		_, err := order(t, j, server)
		require.ErrorIs(t, err, tempnumber.ErrOutcomeUnknown)
		time.Sleep(time.Hour)
		server.Fail(tempnumber.EndpointListActivations, tempnumbertest.Fault{Status: 503})
		found := recovered(t, j, server)
		require.Len(t, found, 1)
		require.ErrorIs(t, found[0].Err, tempnumber.ErrUnavailable)
		require.False(t, found[0].Nothing, "nobody looked")
	})
}
