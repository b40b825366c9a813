package smscode

// rank orders candidates: the smaller, the likelier.
type rank int

// The bands of ranks. Within the first two the distance decides, within the last
// the place in the text.
const (
	announced rank = 0
	asked     rank = 1_000
	alone     rank = 2_000
	unlikely  rank = 1_000_000
)

// How far a word may be from its code, in runes.
const (
	announcedReach = 80
	askedReach     = 40
	// sentence and number are what the end of a sentence and another number on the
	// way count.
	sentence = 40
	number   = 30
)

// rank judges the candidate at place i of all.
func (t *text) rank(labels []label, all []candidate, i int) rank {
	c := all[i]
	best := unlikely
	for _, l := range labels {
		reach, band := announcedReach, announced
		if l.kind == labelAsks {
			reach, band = askedReach, asked
		}
		if distance, beside := t.distance(l, all, c); beside && distance <= reach {
			best = min(best, band+rank(distance))
		}
	}
	if best == unlikely && c.form == formDigits && !c.doubtful {
		return alone + rank(i)
	}
	return best
}

// distance tells how far a candidate is from a word that says that it is a code,
// and whether the word can mean it at all.
func (t *text) distance(l label, all []candidate, c candidate) (distance int, beside bool) {
	linked := t.links(l.end, c.start)
	switch {
	case l.kind == labelOther,
		c.doubtful && (l.kind != labelAnnounces || !linked),
		c.form == formMixed && !linked:
		return 0, false
	case l.end <= c.start:
		return c.start - l.end + t.between(all, l.end, c.start), true
	case l.start >= c.end:
		// "123456 is your code": twice as far, since most texts say it the other way round.
		return 10 + 2*(l.start-c.end) + t.between(all, c.end, l.start), true
	}
	return 0, false // the word is in the candidate
}

// between is what stands between two places, as a distance.
func (t *text) between(all []candidate, from, to int) int {
	d := sentence * t.sentenceEnds(from, to)
	for _, c := range all {
		if c.start >= from && c.end <= to {
			d += number
		}
	}
	return d
}
