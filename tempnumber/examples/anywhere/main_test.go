package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestTheEnvironmentSaysWhichService(t *testing.T) {
	box := tempnumbertest.NewServer()
	box.AutoDeliver(0, "Your code is 05678")
	t.Setenv("TEMPNUMBER_BASE_URL", box.URL(t))
	t.Setenv("TEMPNUMBER_API_KEY", tempnumbertest.DefaultKey)
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{"facebook", "us"}))
	require.Regexp(t, `^number \+1\d{10}\ncode 05678\n$`, out.String())

	t.Setenv("TEMPNUMBER_API_KEY", "")
	require.Error(t, run(t.Context(), &out, []string{"facebook", "us"}))
	require.ErrorContains(t, run(t.Context(), &out, nil), "usage")
}
