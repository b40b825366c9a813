package tempnumber

import "strconv"

// ActivationID is the service's number of an activation, at least 1. Write it
// down when it must outlive the process: WaitSMS takes it up again.
type ActivationID int64

// ParseActivationID reads an id written in decimal digits, as String writes it.
// Anything else is a *ValidationError.
func ParseActivationID(s string) (ActivationID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || s[0] == '+' || s[0] == '0' {
		return 0, invalid("activation id %q: it is a whole number from 1 on", clip(s, 40))
	}
	return ActivationID(n), nil
}

// String writes the id in decimal digits.
func (id ActivationID) String() string { return strconv.FormatInt(int64(id), 10) }

// check refuses an id that no activation can have.
func (id ActivationID) check() error {
	if id < 1 {
		return invalid("activation id %d: ids start at 1; use the one that CreateActivation gave", int64(id))
	}
	return nil
}
