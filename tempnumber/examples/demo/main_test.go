package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDemoGoesAllTheWay(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, 0))
	story := out.String()
	for _, part := range []string{
		`rented   \+1\d{10}, activation \d+`, `status   smsReceived`, `message  "Your Examplia code is \d{5}\.`, `code     \d{5}\n`,
		`the code is right`, `status   retryReceived`, `cost     [0-9.]+ dollars`,
	} {
		require.Regexp(t, part, story)
	}
	require.Equal(t, 2, strings.Count(story, "the code is right"), "once for each SMS")
}
