package tempnumbertest

import (
	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// priceLists keeps the two price lists as long as no price changes: those of a
// large catalogue take a while to write.
type priceLists struct {
	version             int
	countries, services []byte
}

// refresh forgets lists that are no longer right.
func (l *priceLists) refresh(core *service.Service) {
	if version := core.PriceVersion(); version != l.version {
		*l = priceLists{version: version}
	}
}

func (l *priceLists) byCountry(core *service.Service, dialect Dialect) []byte {
	l.refresh(core)
	if l.countries == nil {
		catalogue := core.Catalogue()
		list := make([]gen.PriceByCountry, len(catalogue.Countries))
		for i := range list {
			country := &catalogue.Countries[i]
			list[i] = gen.PriceByCountry{CountryID: country.ID, Services: make([]gen.ServicePrice, len(catalogue.Services))}
			for j := range catalogue.Services {
				offered := &catalogue.Services[j]
				list[i].Services[j] = gen.ServicePrice{ServiceID: offered.ID, Price: number(core.Price(offered, country))}
			}
		}
		l.countries = dialect.write(list)
	}
	return l.countries
}

func (l *priceLists) byService(core *service.Service, dialect Dialect) []byte {
	l.refresh(core)
	if l.services == nil {
		catalogue := core.Catalogue()
		list := make([]gen.PriceByService, len(catalogue.Services))
		for i := range list {
			offered := &catalogue.Services[i]
			list[i] = gen.PriceByService{ServiceID: offered.ID, Countries: make([]gen.CountryPrice, len(catalogue.Countries))}
			for j := range catalogue.Countries {
				country := &catalogue.Countries[j]
				list[i].Countries[j] = gen.CountryPrice{CountryID: country.ID, Price: number(core.Price(offered, country))}
			}
		}
		l.services = dialect.write(list)
	}
	return l.services
}
