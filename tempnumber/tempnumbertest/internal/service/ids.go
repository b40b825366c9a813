package service

import "github.com/tempnumber/tempnumber-go/tempnumber"

// IDOrder is how the ids of activations follow each other.
type IDOrder int

// The orders of ids.
const (
	Ascending IDOrder = iota
	Descending
	Shuffled // a later id is as likely to be lower as higher
)

// Each order has a range of its own, so that they can be changed while the service
// runs. The ids of all of them are exact as a float64.
const (
	firstAscending  tempnumber.ActivationID = 12312 // the one of the vendor's sample
	firstDescending tempnumber.ActivationID = 900_000_000
	firstShuffled   tempnumber.ActivationID = 1_000_000_000

	// Multiplying by the step permutes the numbers below shuffled; multiplying by its
	// inverse brings them back.
	shuffled    = 9_000_000
	step        = 5_562_307
	stepInverse = 4_814_443
)

// id returns the id of the order at index n.
func (o IDOrder) id(n int64) tempnumber.ActivationID {
	switch o {
	case Descending:
		return firstDescending - tempnumber.ActivationID(n)
	case Shuffled:
		return firstShuffled + tempnumber.ActivationID((n%shuffled+1)*step%shuffled)
	}
	return firstAscending + tempnumber.ActivationID(n)
}

// indexOf returns the index of the order that may have an id.
func indexOf(id tempnumber.ActivationID) int64 {
	switch {
	case id >= firstShuffled+shuffled:
		return -1
	case id >= firstShuffled:
		return int64(id-firstShuffled)*stepInverse%shuffled - 1
	case id > firstDescending-shuffled && id <= firstDescending:
		return int64(firstDescending - id)
	}
	return int64(id - firstAscending)
}
