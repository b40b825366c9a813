package tempnumber

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
)

func TestStatuses(t *testing.T) {
	ours := []Status{
		StatusNumberRequested, StatusNumberReceived, StatusSMSRequested, StatusSMSReceived,
		StatusRetryRequested, StatusRetryReceived, StatusError, StatusRefunded, StatusServiceConsumed,
	}
	for _, s := range ours {
		require.True(t, gen.ActivationStatus(s).Valid(), s)
		require.True(t, s.Known(), s)
	}
	require.False(t, Status("somethingNew").Known())
	require.False(t, Status("somethingNew").Terminal(), "an unknown status is polled on")
	require.False(t, Status("somethingNew").HasSMS())
}

func TestStatusMethods(t *testing.T) {
	for s, want := range map[Status]struct{ terminal, sms bool }{
		StatusNumberRequested: {}, StatusNumberReceived: {}, StatusSMSRequested: {}, StatusRetryRequested: {},
		StatusSMSReceived: {false, true}, StatusRetryReceived: {false, true}, StatusServiceConsumed: {true, true},
		StatusError: {true, false}, StatusRefunded: {true, false},
	} {
		require.Equal(t, want.terminal, s.Terminal(), s)
		require.Equal(t, want.sms, s.HasSMS(), s)
	}
}
