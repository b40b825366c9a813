package tempnumber

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/lenient"
)

// Amount is a sum of money in billionths of a US dollar, the currency of the
// service. It is a whole number, so that prices add up and compare with <, ==
// and > exactly, and what a price list shows can be sent back unchanged.
// The zero Amount is nothing at all; as CreateActivationParams.MaxPrice it means
// "no cap".
type Amount int64

// Dollar and Cent make literals readable: 12*Dollar + 50*Cent.
const (
	Dollar Amount = 1_000_000_000
	Cent   Amount = Dollar / 100
)

// amountDecimals is how many decimals of a dollar an Amount holds.
const amountDecimals = 9

// ParseAmount reads a decimal number of dollars such as "0.5", "12" or "1e-3",
// in the grammar of a JSON number. Digits after the ninth decimal are rounded to
// the nearest billionth: a service that computes in binary floating point shows
// 0.3 as 0.30000000000000004 now and then. It is an error when the text is no
// number, when it is beyond ±9 billion dollars, and when something that is not
// zero would become zero.
func ParseAmount(s string) (Amount, error) {
	n, err := lenient.Decimal(s, amountDecimals)
	if err != nil {
		return 0, fmt.Errorf("tempnumber: %q is not an amount of dollars: %w", clip(s, 40), err)
	}
	return Amount(n), nil
}

// String returns the amount in dollars as the shortest exact decimal: "0.5", "12", "-0.001".
func (a Amount) String() string {
	// Through uint64, so that the smallest Amount has an absolute value as well.
	sign, abs := "", uint64(a)
	if a < 0 {
		sign, abs = "-", -abs
	}
	whole, fraction := abs/uint64(Dollar), abs%uint64(Dollar)
	if fraction == 0 {
		return sign + strconv.FormatUint(whole, 10)
	}
	return sign + strconv.FormatUint(whole, 10) + "." + strings.TrimRight(fmt.Sprintf("%09d", fraction), "0")
}

// MarshalJSON writes the amount as a JSON number of dollars.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads a JSON number or a JSON string of dollars; null leaves the amount as it is.
func (a *Amount) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
	}
	return a.UnmarshalText([]byte(text))
}

// MarshalText writes the amount as String does.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAmount reads.
func (a *Amount) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("tempnumber: an empty text is not an amount of dollars")
	}
	parsed, err := ParseAmount(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
