// Package country knows the names of countries by their ISO 3166-1 codes.
package country

import (
	"slices"
	"strings"
)

// entry is a country: its codes of two letters, three letters and three digits, and
// its English name.
type entry struct{ id, letters, digits, name string }

// find returns the country that fits.
func find(fits func(entry) bool) (e entry, ok bool) {
	all := table()
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return all[i], true
	}
	return entry{}, false
}

// Name returns the English name of a country by its id, "us"; the id in capitals
// where ISO 3166-1 has no such country.
func Name(id string) string {
	wanted := current(strings.ToLower(id))
	if e, ok := find(func(e entry) bool { return e.id == wanted }); ok {
		return e.name
	}
	return strings.ToUpper(id)
}

// ID returns the id of a country, ISO 3166-1 alpha-2 in lower case, by what people
// write: "US", "USA", "840", "United States". Two letters that ISO 3166-1 does not
// know are taken as they are, since the service may know them.
func ID(text string) (id string, ok bool) {
	text = current(strings.ToLower(strings.TrimSpace(text)))
	if len(text) == 2 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") == "" {
		return text, true
	}
	e, ok := find(func(e entry) bool { return text == e.letters || text == e.digits || strings.EqualFold(text, e.name) })
	return e.id, ok
}

// Names returns the English names of all countries, in the order of their ids.
func Names() []string { return each(func(e entry) string { return e.name }) }

// IDs returns the ids of all countries, in order.
func IDs() []string { return each(func(e entry) string { return e.id }) }

func each(of func(entry) string) []string {
	var found []string
	for _, e := range table() {
		found = append(found, of(e))
	}
	return found
}
