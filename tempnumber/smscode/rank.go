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
	// number is what another number on the way counts.
	number = 30
)

// rank judges the candidate at place i of all.
func (t *text) rank(labels []label, all []candidate, i int) rank {
	c := all[i]
	best := unlikely
	for _, l := range labels {
		if r, beside := t.rankBeside(l, all, c); beside {
			best = min(best, r)
		}
	}
	if best == unlikely && c.form == formDigits && !c.doubtful {
		return alone + rank(i)
	}
	return best
}

// rankBeside judges a candidate by one word, and tells whether that can mean it
// at all. A word that announces a code in another sentence says no more than a
// verb.
func (t *text) rankBeside(l label, all []candidate, c candidate) (r rank, beside bool) {
	from, to, before := c.end, l.start, false
	if l.end <= c.start {
		from, to, before = l.end, c.start, true
	}
	linked := before && t.links(from, to)
	if from > to || l.kind == labelOther || c.form == formMixed && !linked || c.doubtful && (l.kind != labelAnnounces || !linked) {
		return 0, false
	}
	distance := to - from
	if !before { // "123456 is your code": twice as far, since most texts say it the other way round
		distance = 10 + 2*distance
	}
	for _, other := range all {
		if other.start >= from && other.end <= to {
			distance += number
		}
	}
	band, reach := announced, announcedReach
	if l.kind == labelAsks {
		reach = askedReach
	}
	if l.kind == labelAsks || t.sentenceEnds(from, to) {
		band = asked
	}
	return band + rank(distance), distance <= reach
}
