package tempnumber

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Polls overlap, so answers can arrive in any order.
func TestStaleAnswersAreIgnored(t *testing.T) {
	w := newWait(1, waitOptions{})
	at := func(seconds int) time.Time { return w.start.Add(time.Duration(seconds) * time.Second) }

	w.see(&Activation{ID: 1, Status: StatusSMSReceived, Message: "of before"}, sighting{sent: at(-1)})
	require.False(t, w.done, "its request was sent before the wait began")
	w.see(&Activation{ID: 1, Status: StatusSMSRequested}, sighting{sent: at(2)})
	w.see(&Activation{ID: 1, Status: StatusNumberReceived}, sighting{sent: at(1)})
	require.Equal(t, StatusSMSRequested, w.last.Status)
	require.Len(t, w.updates, 1)
	w.see(&Activation{ID: 1, Status: StatusSMSReceived, Message: "text"}, sighting{sent: at(3)})
	require.True(t, w.done)
	w.see(&Activation{ID: 1, Status: StatusRefunded}, sighting{sent: at(4)})
	require.Equal(t, "text", w.last.Message)
	require.NoError(t, w.err)
}
