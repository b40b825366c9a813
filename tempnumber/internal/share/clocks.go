package share

import "time"

// reading is what two clocks show at one moment: the log's, and that of the program that says something then, zero
// where it was not told.
type reading struct {
	program  uint64
	log, own time.Duration
}

// offset is how much more the log's clock shows. It grows when that one is set forward.
func (r reading) offset() time.Duration { return r.log - r.own }

// ranAhead returns for each reading by how much the log's clock has run ahead since, for a program that reads all of
// them at once, now. There are two witnesses. A program that said something before and after a jump has a clock that
// nobody sets. And machines tell the same time, more or less: one that is wrong makes a newcomer wait longer, or is no witness.
// A reading without a clock goes by the next one.
func ranAhead(readings []reading, now reading) []time.Duration {
	last, since := make(map[uint64]time.Duration), make(map[uint64]time.Duration)
	for _, r := range readings {
		if r.own != 0 {
			last[r.program] = r.offset()
		}
	}
	ahead := make([]time.Duration, len(readings))
	for i, r := range readings {
		if r.own != 0 {
			since[r.program] = r.offset()
			ahead[i] = max(0, now.offset()-r.offset())
		}
		for program, offset := range since {
			ahead[i] = max(ahead[i], last[program]-offset)
		}
	}
	for i := len(readings) - 2; i >= 0; i-- {
		if readings[i].own == 0 {
			ahead[i] = max(ahead[i], ahead[i+1])
		}
	}
	return ahead
}
