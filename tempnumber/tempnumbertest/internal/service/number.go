package service

import (
	"math/bits"
	"strings"
)

// Number is a phone number. The zero Number means that there is none.
type Number struct {
	CallingCode string // "49"
	National    string // the digits after it, "15123456789"
	Formatted   string // as people write it, "+49 1512 3456789"
}

// Digits is the number as the service writes it: calling code and national part.
func (n Number) Digits() string { return n.CallingCode + n.National }

// numberer gives out the numbers of one country, each of them once until all
// have had their turn.
type numberer struct {
	country *Country
	free    uint64 // how many numbers there are
	step    uint64 // from one to the next; it has no divisor in common with free, so that all are met
	next    uint64
}

func newNumberer(country *Country, seed uint64) *numberer {
	free := uint64(1)
	for range strings.Count(country.Pattern, "#") {
		free *= 10
	}
	// Steps of a golden section keep neighbours far apart. The last digit makes the step
	// a multiple of neither two nor five, and free is a power of ten.
	step := free / 1000 * 618
	step += 10 - step%10 + 7
	const start = 7919 // the very first numbers would be round ones
	return &numberer{country: country, free: free, step: step, next: (seed%free + start) % free}
}

// number gives out the next one.
func (n *numberer) number() Number {
	hi, lo := bits.Mul64(n.next%n.free, n.step)
	index := bits.Rem64(hi, lo, n.free)
	n.next++
	filled := []byte(n.country.Pattern)
	for i := len(filled) - 1; i >= 0; i-- {
		if filled[i] == '#' {
			filled[i] = '0' + byte(index%10)
			index /= 10
		}
	}
	return Number{
		CallingCode: n.country.CallingCode,
		National:    onlyDigits(string(filled)),
		Formatted:   "+" + n.country.CallingCode + " " + string(filled),
	}
}

// nextNumber rents a number of a country. One that somebody still has is passed over.
func (s *Service) nextNumber(country *Country) Number {
	n := s.numbers[country.ID]
	if n == nil {
		n = newNumberer(country, s.config.Seed)
		s.numbers[country.ID] = n
	}
	number := n.number()
	for taken := uint64(0); s.byNumber[number.Digits()] != nil && taken < n.free; taken++ {
		number = n.number()
	}
	return number
}
