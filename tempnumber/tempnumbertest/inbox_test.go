package tempnumbertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestAcceptSMS(t *testing.T) {
	server := tempnumbertest.NewServer()
	a := order(t, server)
	m, err := server.AcceptSMS("Facebook", a.Phone, "Your code is 05678")
	require.NoError(t, err)
	require.Equal(t, tempnumbertest.Message{ID: 1, At: m.At, From: "Facebook", To: a.Phone, Text: "Your code is 05678", Code: "05678", ActivationID: a.ID}, m)
	m, err = server.AcceptSMS("", "0044 7700 900123", "hello")
	require.NoError(t, err)
	require.Equal(t, "+447700900123", m.To)
	require.Zero(t, m.ActivationID)
	require.NoError(t, server.SetRetryAvailable(a.ID, true))
	callOK(t, server, "PUT", "/activations/12312", `{"status":"retry"}`)
	require.NoError(t, server.DeliverSMS(a.ID, "again"))
	require.Len(t, server.Messages(), 3)
	require.Equal(t, "again", server.Messages()[2].Text)
	for _, text := range []string{"", strings.Repeat("ä", 10_001)} {
		_, err = server.AcceptSMS("", a.Phone, text)
		require.Error(t, err)
	}
	for _, name := range []string{strings.Repeat("x", 101), strings.Repeat("1", 101)} {
		_, err = server.AcceptSMS(name, a.Phone, "x")
		require.ErrorContains(t, err, "100 characters")
		_, err = server.AcceptSMS("", name, "x")
		require.ErrorContains(t, err, "100 characters")
	}
	require.Error(t, server.DeliverSMS(a.ID, ""))
	require.Error(t, server.DeliverSMSTo(a.Phone, strings.Repeat("x", 10_001)))
	_, err = server.AcceptSMS("", "not a number", strings.Repeat("😀", 10_000))
	require.NoError(t, err)
	require.Equal(t, "not a number", server.Messages()[3].To)
}

func TestMessagesAreBounded(t *testing.T) {
	server := tempnumbertest.NewServer()
	for i := range 10_010 {
		_, err := server.AcceptSMS("", fmt.Sprintf("+4477009%05d", i), "x")
		require.NoError(t, err)
	}
	all := server.Messages()
	require.Len(t, all, 10_000)
	require.EqualValues(t, 11, all[0].ID)
	long := strings.Repeat("\u200b", 10_000) // three bytes each
	for range 600 {
		_, err := server.AcceptSMS("", "+447700900123", long)
		require.NoError(t, err)
	}
	bytes := 0
	for _, m := range server.Messages() {
		bytes += len(m.Text)
	}
	require.LessOrEqual(t, bytes, 16<<20)
	require.Greater(t, bytes, 15<<20)
}

func TestRequestLogBytes(t *testing.T) {
	server := tempnumbertest.NewServer()
	long := strings.Repeat("x", 2000)
	for range 6000 {
		call(t, server, "POST", "/nothing/"+long+"?"+long, long)
	}
	bytes := 0
	for _, r := range server.Requests() {
		require.LessOrEqual(t, len(r.Path), 512)
		bytes += len(r.Path) + len(r.Query) + len(r.Body) + len(r.UserAgent)
	}
	require.LessOrEqual(t, bytes, 8<<20)
	require.Greater(t, bytes, 7<<20)
}
