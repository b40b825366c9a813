package share

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRanAhead(t *testing.T) {
	const s = time.Second
	now := reading{9, 100 * s, 1100 * s} // the clocks of programs show 1,000 s more
	for name, c := range map[string]struct {
		readings []reading
		want     []time.Duration
	}{
		"nothing":           {nil, []time.Duration{}},
		"no jump":           {[]reading{{1, 10 * s, 1010 * s}, {2, 20 * s, 1020 * s}}, []time.Duration{0, 0}},
		"before the second": {[]reading{{1, 10 * s, 1013 * s}, {2, 20 * s, 1020 * s}}, []time.Duration{3 * s, 0}},
		"after the last":    {[]reading{{1, 10 * s, 1013 * s}, {2, 20 * s, 1023 * s}}, []time.Duration{3 * s, 3 * s}},
		"set back":          {[]reading{{1, 10 * s, 1007 * s}, {2, 20 * s, 1020 * s}}, []time.Duration{0, 0}},
		// Clocks of machines that are behind are no witnesses, but a program's own goes on as time does.
		"one witness":            {[]reading{{1, 10 * s, 13 * s}, {2, 12 * s, 12 * s}, {1, 20 * s, 20 * s}, {2, 30 * s, 30 * s}}, []time.Duration{3 * s, 3 * s, 0, 0}},
		"two jumps":              {[]reading{{1, 10 * s, 15 * s}, {1, 20 * s, 22 * s}, {1, 30 * s, 30 * s}}, []time.Duration{5 * s, 2 * s, 0}},
		"the larger":             {[]reading{{1, 10 * s, 13 * s}, {2, 12 * s, 17 * s}, {1, 20 * s, 20 * s}, {2, 30 * s, 30 * s}}, []time.Duration{3 * s, 5 * s, 5 * s, 0}},
		"back and forward":       {[]reading{{1, 10 * s, 10 * s}, {1, 20 * s, 23 * s}, {1, 30 * s, 30 * s}}, []time.Duration{0, 3 * s, 0}},
		"without a clock":        {[]reading{{log: 5 * s}, {1, 10 * s, 1013 * s}, {log: 12 * s}, {2, 20 * s, 1020 * s}}, []time.Duration{3 * s, 3 * s, 0, 0}},
		"none with a clock":      {[]reading{{log: 5 * s}, {log: 10 * s}}, []time.Duration{0, 0}},
		"the last without clock": {[]reading{{1, 10 * s, 1013 * s}, {log: 12 * s}}, []time.Duration{3 * s, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, ranAhead(c.readings, now))
		})
	}
}

// However the log's clock jumps, nobody takes an entry for older than it is: neither where machines tell the same time,
// nor where all of them were set as the log's was, and the programs have said something since. And no
// more is taken off than the clock has jumped.
func TestRanAheadWhateverJumps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var now, set, jumped, shown time.Duration
		read := func(program int, own time.Duration) reading {
			now += time.Duration(rapid.IntRange(1, 20_000).Draw(t, "ms")) * time.Millisecond
			shown = max(shown, now+set)
			return reading{uint64(program), shown, time.Hour + now + own}
		}
		var readings []reading
		var moments []time.Duration
		programs := rapid.IntRange(1, 4).Draw(t, "programs")
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.IntRange(0, 4).Draw(t, "jumps") == 0 {
				d := time.Duration(rapid.IntRange(-30, 30).Draw(t, "by")) * time.Second
				set, jumped = set+d, jumped+max(d, -d)
				continue
			}
			readings, moments = append(readings, read(rapid.IntRange(1, programs).Draw(t, "program"), 0)), append(moments, now)
		}
		own := time.Duration(0)
		if rapid.Bool().Draw(t, "machines were set too") {
			own = set
			for p := range programs {
				readings, moments = append(readings, read(p+1, 0)), append(moments, now)
			}
		}
		newcomer := read(0, own)
		for i, ahead := range ranAhead(readings, newcomer) {
			require.LessOrEqual(t, newcomer.log-readings[i].log-ahead, now-moments[i], "entry %d of %v, read at %v", i, readings, newcomer)
			require.LessOrEqual(t, ahead, jumped)
		}
	})
}
