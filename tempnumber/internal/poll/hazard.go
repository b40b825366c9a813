package poll

import "math"

const (
	bins = 18

	// newRate is the rate of arrival, per second, that the youngest age is taken to
	// have while nothing is known.
	newRate = 1.0 / 20
	// leastRate keeps an age from being given up for good.
	leastRate = 1e-7
	// prior is how many arrivals the rate of the age before is worth as evidence.
	prior = 0.1
	// memory is after about how many ended waits what was learned is forgotten.
	memory = 2000
)

// hazard is the rate at which an SMS comes, by the age of its wait, learned from
// looks. Ages fall into bins that begin at 4·(2^(b/2) − 1) s. A bin holds how many
// SMS came in it and how long waits waited in it; both are forgotten slowly.
//
// What a look says is censored. Without an SMS it adds the time since the last
// look to the bins that this time covers. With one, nobody knows when it came in
// that time, so it is divided among the bins by its conditional density (one step
// of expectation maximization). A bin of which little is known takes the rate of
// the bin before.
type hazard struct {
	begins       [bins + 1]float64 // in seconds; the last is infinite
	bin          [2048]uint8       // by whole seconds of age
	came, waited [bins]float64
	rate         [bins]float64 // per second
	sum          [bins]float64 // the integral of the rate up to where the bin begins
}

func newHazard() *hazard {
	h := &hazard{}
	for b := range h.begins {
		h.begins[b] = 4 * (math.Pow(2, float64(b)/2) - 1)
	}
	h.begins[bins] = math.Inf(1)
	b := uint8(0)
	for s := range h.bin {
		for h.begins[b+1] <= float64(s) {
			b++
		}
		h.bin[s] = b
	}
	h.update()
	return h
}

// of returns the bin of an age.
func (h *hazard) of(age float64) int {
	b := int(h.bin[max(0, min(int(age), len(h.bin)-1))])
	if age >= h.begins[b+1] {
		b++
	}
	return b
}

// upTo returns the integral of the rate from age 0 on.
func (h *hazard) upTo(age float64) float64 {
	b := h.of(age)
	return h.sum[b] + h.rate[b]*(age-h.begins[b])
}

// between returns the expected number of arrivals between two ages.
func (h *hazard) between(from, to float64) float64 { return h.upTo(to) - h.upTo(from) }

// wait learns that no SMS came between two ages.
func (h *hazard) wait(from, to float64) {
	for b := h.of(from); from < to; b++ {
		end := min(to, h.begins[b+1])
		h.waited[b] += end - from
		from = end
	}
}

// arrive learns that an SMS came between two ages.
func (h *hazard) arrive(from, to float64) {
	if to <= from {
		h.came[h.of(to)]++
		return
	}
	all := -math.Expm1(-h.between(from, to))
	left := 1.0 // the probability that it has not come before from
	for b := h.of(from); from < to; b++ {
		end := min(to, h.begins[b+1])
		length := end - from
		leaves := left * math.Exp(-h.rate[b]*length)
		h.came[b] += (left - leaves) / all
		// The time waited in the bin: the integral of the survival, given that it came by to.
		h.waited[b] += max(0, (left-leaves)/h.rate[b]-length*(1-all)) / all
		left, from = leaves, end
	}
}

// forget makes what was learned a little less certain.
func (h *hazard) forget() {
	for b := range bins {
		h.came[b] -= h.came[b] / memory
		h.waited[b] -= h.waited[b] / memory
	}
}

// update works out the rates from what came and what was waited for.
func (h *hazard) update() {
	before, sum := newRate, 0.0
	for b := range bins {
		before = max(before, leastRate)
		before = (prior + h.came[b]) / (prior/before + h.waited[b])
		h.rate[b], h.sum[b] = before, sum
		sum += before * (h.begins[b+1] - h.begins[b])
	}
}
