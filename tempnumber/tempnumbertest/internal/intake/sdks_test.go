//go:build sdks

package intake

import (
	"net/http/httptest"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// The providers' own SDKs send, read and meet each refusal. They are installed by
// `make intake`, which sets the build tag.
func TestSDKs(t *testing.T) {
	for name, c := range map[string]struct {
		dir     string
		command []string
		texts   []string // that must have arrived
	}{
		"Node": {"../../../examples/node", []string{"node", "--test", "sdks.test.js"}, []string{
			"Your twilio-node code is 05678", "by a service", "Your verification code is: 445566", "Your sns-js code is 05678",
			"Your vonage-sms code is 05678", "Your vonage-messages code is 05678",
		}},
		"Go": {"../../../examples/gosdk", []string{"go", "test", "-count=1", "-v", "./..."}, []string{
			"Your twilio-go code is 05678", "Your verification code is: 778899", "Your sns-go code is 05678",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h, in := newHandler(t, Config{})
			server := httptest.NewServer(h)
			defer server.Close()
			cmd := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...)
			cmd.Dir, cmd.Env = c.dir, append(cmd.Environ(), "SMS_URL="+server.URL)
			out, err := cmd.CombinedOutput()
			t.Logf("%s", out)
			require.NoError(t, err)
			require.NotRegexp(t, regexp.MustCompile(`(?i)# skipped [1-9]|--- SKIP`), string(out))
			var arrived []string
			for _, m := range in.messages {
				require.Equal(t, number, m.To)
				arrived = append(arrived, m.Text)
			}
			require.Subset(t, arrived, c.texts)
		})
	}
}
