package share

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// reading is what two clocks show at one moment: the log's, and that of the program that says something then, zero
// where it was not told.
type reading struct {
	program  uint64
	log, own time.Duration
}

// offset is how much more the log's clock shows. It grows when that one is set forward.
func (r reading) offset() time.Duration { return r.log - r.own }

// Where the readings of a view stand: that its epoch began, its snapshot, its entries.
const ofEpoch, ofSnapshot, ofEntries = 0, 1, 2

// readings returns what the clocks showed at the moments of a view.
func readings(v sharing.View, snapshot []message, entries []opened) []reading {
	all := make([]reading, ofEntries, ofEntries+len(entries))
	all[ofEpoch].log = v.Epoch.Began
	if len(snapshot) > 0 {
		all[ofSnapshot] = reading{snapshot[0].program, v.Snapshot.At, snapshot[0].clock}
	}
	for i, e := range entries {
		all = append(all, reading{e.program, v.Entries[i].At, e.clock})
	}
	return all
}

// ranAhead returns for each reading by how much the log's clock has run ahead since, for a program that reads all of
// them at once, now. There are two witnesses. A program that said something before and after a jump has a clock that
// nobody sets. And machines tell the same time, more or less: one that is wrong makes a newcomer wait longer, or is no witness.
// A reading without a clock goes by the next one.
func ranAhead(readings []reading, now reading) []time.Duration {
	last := make(map[uint64]time.Duration)
	for _, r := range readings {
		if r.own != 0 {
			last[r.program] = r.offset()
		}
	}
	ahead := make([]time.Duration, len(readings))
	seen := make(map[uint64]time.Duration) // by program: how far the log's clock ran ahead from there to the last that it said
	for i, r := range readings {
		if r.own != 0 {
			ahead[i] = max(0, now.offset()-r.offset())
			if seen[r.program] = last[r.program] - r.offset(); seen[r.program] <= 0 {
				delete(seen, r.program)
			}
		}
		for _, jumped := range seen {
			ahead[i] = max(ahead[i], jumped)
		}
	}
	for i := len(readings) - 2; i >= 0; i-- {
		if readings[i].own == 0 {
			ahead[i] = max(ahead[i], ahead[i+1])
		}
	}
	return ahead
}
