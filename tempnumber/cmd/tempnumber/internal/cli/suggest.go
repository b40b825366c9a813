package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/country"
)

// unknownNameError says that there is no service or country of a name.
type unknownNameError struct {
	what, name      string   // "service", "country" or "command"
	similar         []string // names that there are, the most similar first
	advice, command string
}

func (e *unknownNameError) Error() string {
	text := fmt.Sprintf("there is no %s %q", e.what, e.name)
	if len(e.similar) > 0 {
		text += "; did you mean " + strings.Join(e.similar, " or ") + "?"
	}
	return text
}

// catalogueTime is how long an error may take to find out what the service offers.
const catalogueTime = 10 * time.Second

// notFound says why the service refused a pair: there is no such service, or no such
// country, or there are no numbers now. The service answers 404 or 400.
func (p *program) notFound(ctx context.Context, params tempnumber.CreateActivationParams, err error) error {
	soldOut := err
	if errors.Is(err, tempnumber.ErrNotFound) {
		soldOut = fmt.Errorf("%w: %w", errNoNumbers, err)
	}
	if errors.Is(err, tempnumber.ErrNoNumbers) { // the service says so itself
		return soldOut
	}
	n, ok := p.catalogueNames(ctx)
	if !ok {
		return soldOut
	}
	if unknown := p.unknownService(n, params.ServiceID); unknown != nil {
		return unknown
	}
	if !slices.Contains(n.Countries, params.CountryID) {
		return &unknownNameError{
			what: "country", name: params.CountryID, similar: similar(params.CountryID, n.Countries),
			advice: "see the countries for this service", command: p.command("prices", "--service", params.ServiceID),
		}
	}
	return soldOut
}

// unknownService returns the error for a service that is not in the price list,
// nil for one that is.
func (p *program) unknownService(n names, service string) error {
	if slices.Contains(n.Services, service) {
		return nil
	}
	e := &unknownNameError{
		what: "service", name: service, similar: similar(service, n.Services),
		advice: "see the services that there are", command: p.command("prices", "--sort", "service"),
	}
	if len(e.similar) > 0 && p.asked.ServiceID == service {
		e.advice, e.command = "try it again", p.againInstead(service, e.similar[0])
	}
	return e
}

// catalogueNames returns the services and countries of the price list, from the
// cache when it is new, else from the service, but not for long.
func (p *program) catalogueNames(ctx context.Context) (n names, ok bool) {
	cache := p.cache()
	age, ok := cache.read(namesFile, &n)
	if ok && age < freshNames {
		return n, true
	}
	ctx, cancel := context.WithTimeout(ctx, catalogueTime)
	defer cancel()
	list, err := p.client.PricesByCountry(ctx)
	if err != nil {
		return n, ok
	}
	cache.keepPrices(list)
	return namesOf(list), true
}

// unknownCountry says that there is no country of a name that is no ISO code.
func unknownCountry(text string) error {
	return usageError{&unknownNameError{what: "country", name: text, similar: similar(text, country.Names())}}
}

// unknownCommand says that there is no command of a name.
func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usageError{&unknownNameError{what: "command", name: name, similar: similar(name, names)}}
}

// fewest is how many suggestions people get at most.
const fewest = 3

// similar returns the names that differ from a text by a slip or two of the
// fingers, the nearest first.
func similar(text string, names []string) []string {
	text = strings.ToLower(text)
	type near struct {
		name     string
		distance int
	}
	var found []near
	for _, name := range names {
		distance := editDistance(text, strings.ToLower(name))
		if allowed := max(1, min(len(text), len(name))/3); distance <= allowed && distance < len(text) {
			found = append(found, near{name, distance})
		} else if len(text) >= 3 && (strings.HasPrefix(strings.ToLower(name), text) || strings.HasPrefix(text, strings.ToLower(name)) && len(name) >= 4) {
			found = append(found, near{name, len(text) + distance})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name)) })
	var similar []string
	for _, n := range found[:min(len(found), fewest)] {
		similar = append(similar, n.name)
	}
	return similar
}

// editDistance is how many letters must be added, left out, replaced or swapped
// with their neighbour to make b of a.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			replaced := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
