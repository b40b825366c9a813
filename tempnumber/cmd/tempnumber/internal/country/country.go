// Package country knows the names of countries by their ISO 3166-1 codes.
package country

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Name returns the English name of a country by its id, "us"; the id in capitals
// where ISO 3166-1 has no such country.
func Name(id string) string {
	region, err := language.ParseRegion(id)
	if err != nil || !region.IsCountry() {
		return strings.ToUpper(id)
	}
	return display.English.Regions().Name(region)
}

// ID returns the id of a country, ISO 3166-1 alpha-2 in lower case, by what people
// write: "US", "USA", "840", "United States". Two letters that ISO 3166-1 does not
// know are taken as they are, since the service may know them.
func ID(text string) (id string, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if region, err := language.ParseRegion(text); err == nil && region.Canonicalize().IsCountry() {
		return strings.ToLower(region.Canonicalize().String()), true
	}
	if len(text) == 2 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") == "" {
		return text, true
	}
	if text == "" {
		return "", false // some codes have no name
	}
	names := display.English.Regions()
	for _, region := range language.Supported.Regions() {
		current := region == region.Canonicalize() // not a former country
		if current && region.IsCountry() && strings.EqualFold(names.Name(region), text) {
			return strings.ToLower(region.String()), true
		}
	}
	return "", false
}

// Names returns the English names of all countries, in no order.
func Names() []string {
	var found []string
	names := display.English.Regions()
	for _, region := range language.Supported.Regions() {
		if region == region.Canonicalize() && region.IsCountry() {
			found = append(found, names.Name(region))
		}
	}
	return found
}

// IDs returns the ids of all countries, in no order.
func IDs() []string {
	var found []string
	for _, region := range language.Supported.Regions() {
		if region == region.Canonicalize() && region.IsCountry() {
			found = append(found, strings.ToLower(region.String()))
		}
	}
	return found
}
