package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/filelog"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/redislog"
)

// shareOff is the value of --share for a program that counts for itself alone.
const shareOff = "off"

// sharing returns by what the program shares the key's limits with others, nil for nothing. wanted reports
// that it was asked for, so that an error ends the command.
func (p *program) sharing() (log tempnumber.Sharing, wanted bool, err error) {
	where := p.settings.share
	switch {
	case where.value == shareOff || p.settings.mock:
		return nil, false, nil
	case where.value == "" || where.value == "file":
		dir := p.userDir("XDG_STATE_HOME", ".local/state")
		if dir == "" {
			if where.value != "" {
				return nil, true, usage("%s: there is no place for the file: neither HOME nor XDG_STATE_HOME is set", where.where)
			}
			p.alone(errors.New("neither HOME nor XDG_STATE_HOME is set"))
			return nil, false, nil
		}
		return filelog.In(filepath.Join(dir, "tempnumber", "share")), where.value != "", nil
	case strings.HasPrefix(where.value, "redis://"), strings.HasPrefix(where.value, "rediss://"):
		logs, err := redislog.Dial(where.value)
		if err != nil {
			return nil, true, usage("%s: %v", where.where, err)
		}
		redis.SetLogger(silent{}) // standard error is the tool's, and the error says the same
		return logs, true, nil
	default:
		return nil, true, usage("%s: %q is no way to share; there are file, off and redis://HOST:PORT/DB", where.where, where.value)
	}
}

// silent is the log of the Redis client.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// alone says that the limits are not shared.
func (p *program) alone(err error) {
	p.console.note("the key's limits are not shared with other programs: %s", plain(err))
}
