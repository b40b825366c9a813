package filelog

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

func openLog(t *testing.T, dir string) *Log {
	t.Helper()
	log, err := In(dir).Open("test")
	require.NoError(t, err)
	return log.(*Log)
}

// The clock counts from the machine's start. After another one it shows less than the entries do, or there is another
// boot id: what they held counts from the start on.
func TestMachineStartsAnew(t *testing.T) {
	if settable {
		t.Skip("the clock goes on")
	}
	later := now() + time.Hour
	for name, damage := range map[string]func(t *testing.T, l *Log){
		"another id": func(t *testing.T, l *Log) {
			state, err := readState(l.lockPath)
			require.NoError(t, err)
			state.Boot = "another"
			require.NoError(t, state.write(l.lockPath))
		},
		"the last entry is of later": func(t *testing.T, l *Log) {
			require.NoError(t, l.write(sharing.Entry{Position: l.last + 1, At: later, Data: []byte("x")}))
		},
		"the snapshot is of later": func(t *testing.T, l *Log) {
			head := l.head
			head.Base, head.BaseAt = l.last, later
			require.NoError(t, l.replace(head.encode()))
		},
		"the epoch is of later": func(t *testing.T, l *Log) { require.NoError(t, l.begin(true, later, l.boot)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			log := openLog(t, dir)
			v, err := log.Read(t.Context(), sharing.Cursor{})
			require.NoError(t, err)
			for range 2 {
				v, err = log.Append(t.Context(), sharing.Append{After: v.Cursor(sharing.Cursor{}), Data: []byte("x")})
				require.NoError(t, err)
				require.True(t, v.Appended)
			}
			before := log.head.Epoch
			damage(t, log)
			log.close()
			v, err = openLog(t, dir).Read(t.Context(), sharing.Cursor{})
			require.NoError(t, err)
			require.NotContains(t, []string{before, log.head.Epoch}, v.Epoch.ID)
			require.False(t, v.Epoch.New)
			require.Zero(t, v.Epoch.Began)
			require.Empty(t, v.Entries)
			require.Less(t, v.Now, later)
		})
	}
}
