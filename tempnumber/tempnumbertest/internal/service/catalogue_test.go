package service

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func TestCatalogues(t *testing.T) {
	for name, c := range map[string]struct {
		catalogue           Catalogue
		services, countries int
	}{
		"default": {DefaultCatalogue(), 30, 26},
		"large":   {LargeCatalogue(), 3000, 150},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, c.catalogue.Check())
			require.Len(t, c.catalogue.Services, c.services)
			require.Len(t, c.catalogue.Countries, c.countries)
			id := regexp.MustCompile(`^[a-z0-9]{2,64}$`)
			s := New(Config{Catalogue: c.catalogue})
			for _, service := range c.catalogue.Services {
				require.Regexp(t, id, service.ID)
				require.NotEmpty(t, service.Name)
				for _, country := range c.catalogue.Countries[:5] {
					offer, err := s.Offer(service.ID, country.ID)
					require.NoError(t, err)
					require.True(t, offer.Available)
					require.GreaterOrEqual(t, offer.Price, tempnumber.Cent/2)
					require.LessOrEqual(t, offer.Price, 5*tempnumber.Dollar)
					require.Zero(t, offer.Price%(tempnumber.Cent/2), "a price is whole half cents")
				}
			}
			for _, country := range c.catalogue.Countries {
				require.Regexp(t, `^[a-z]{2}$`, country.ID)
				require.NotEmpty(t, country.Name)
			}
		})
	}
}

func TestOrderEveryCountry(t *testing.T) {
	require.NoError(t, Catalogue{Services: wellKnown(), Countries: countries()}.Check())
}

func TestOwnCataloguePrices(t *testing.T) {
	s := New(Config{Catalogue: Catalogue{
		Services:  []Listing{{"shop", "Shop", 123 * tempnumber.Cent}},
		Countries: []Country{{ID: "de", CallingCode: "49", Pattern: "####", PricePercent: 100}, {ID: "fr", CallingCode: "33", Pattern: "####", PricePercent: 50}},
	}})
	for country, want := range map[string]tempnumber.Amount{"de": 1_230_000_000, "fr": 615_000_000} {
		offer, err := s.Offer("shop", country)
		require.NoError(t, err)
		require.Equal(t, want, offer.Price)
	}
}

func TestInvalidCatalogue(t *testing.T) {
	shop := Listing{"shop", "Shop", tempnumber.Dollar}
	germany := Country{ID: "de", CallingCode: "49", Pattern: "151# #######", PricePercent: 100}
	with := func(alter func(*Country)) []Country {
		c := germany
		alter(&c)
		return []Country{c}
	}
	for name, odd := range map[string]Catalogue{
		"nothing":                {},
		"no countries":           {Services: []Listing{shop}},
		"a service twice":        {Services: []Listing{shop, shop}, Countries: []Country{germany}},
		"a service without id":   {Services: []Listing{{"", "Shop", 1}}, Countries: []Country{germany}},
		"a service for nothing":  {Services: []Listing{{"shop", "Shop", 0}}, Countries: []Country{germany}},
		"a country twice":        {Services: []Listing{shop}, Countries: []Country{germany, germany}},
		"a country without id":   {Services: []Listing{shop}, Countries: with(func(c *Country) { c.ID = "" })},
		"no price level":         {Services: []Listing{shop}, Countries: with(func(c *Country) { c.PricePercent = 0 })},
		"a plus sign":            {Services: []Listing{shop}, Countries: with(func(c *Country) { c.CallingCode = "+49" })},
		"no calling code":        {Services: []Listing{shop}, Countries: with(func(c *Country) { c.CallingCode = "" })},
		"a calling code of zero": {Services: []Listing{shop}, Countries: with(func(c *Country) { c.CallingCode = "049" })},
		"too few numbers":        {Services: []Listing{shop}, Countries: with(func(c *Country) { c.Pattern = "151 ###" })},
		"too long numbers":       {Services: []Listing{shop}, Countries: with(func(c *Country) { c.Pattern = "151 ###########" })},
	} {
		require.Error(t, odd.Check(), name)
	}
}

func TestSetPriceUnknownPair(t *testing.T) {
	s := open()
	version := s.PriceVersion()
	require.NoError(t, s.SetPrice("facebook", "us", 1))
	require.NotEqual(t, version, s.PriceVersion())
	require.Error(t, s.SetPrice("facebook", "xx", 1))
	require.Error(t, s.SetPrice("nothing", "us", 1))
	require.Error(t, s.SetAvailable("nothing", "us", false))
	_, err := s.Offer("nothing", "us")
	requireRefused(t, InvalidRequest, err)
}
