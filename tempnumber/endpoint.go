package tempnumber

import "time"

// Endpoint names one operation of the API by its method and path, the unit in
// which the service counts requests: all activations together share
// EndpointGetActivation.
type Endpoint string

// The operations of the API 1.3.8.
const (
	EndpointListActivations  Endpoint = "GET /activations"
	EndpointCreateActivation Endpoint = "POST /activations"
	EndpointGetActivation    Endpoint = "GET /activations/{activation_id}"
	EndpointUpdateActivation Endpoint = "PUT /activations/{activation_id}"
	EndpointPricesByCountry  Endpoint = "GET /services/pricelistByCountry"
	EndpointPricesByService  Endpoint = "GET /services/pricelistByService"
	EndpointOffer            Endpoint = "GET /services/{service_id}/countries/{country_id}"
	EndpointBalance          Endpoint = "GET /user/balance"
)

// operation is what is known of an endpoint beside its path.
type operation struct {
	endpoint Endpoint
	// requests are allowed per window: the vendor documents it in the README of its JavaScript package 1.3.8.
	requests int
	window   time.Duration
	// maxBody is how many decoded bytes a good answer may have, maxElements how many elements its lists may
	// have together. Price lists hold thousands of services in more than 150 countries.
	maxBody     int64
	maxElements int
}

const (
	smallBody, priceListBody         = 4 << 20, 64 << 20
	smallElements, priceListElements = 10_000, 2_000_000
)

// operations returns the one table of what the API can do.
func operations() [8]operation {
	return [8]operation{
		{EndpointListActivations, 10, time.Minute, smallBody, smallElements},
		{EndpointCreateActivation, 80, 2 * time.Minute, smallBody, smallElements},
		{EndpointGetActivation, 80, 2 * time.Minute, smallBody, smallElements},
		{EndpointUpdateActivation, 10, time.Minute, smallBody, smallElements},
		{EndpointPricesByCountry, 3, time.Minute, priceListBody, priceListElements},
		{EndpointPricesByService, 3, time.Minute, priceListBody, priceListElements},
		{EndpointOffer, 80, 2 * time.Minute, smallBody, smallElements},
		{EndpointBalance, 10, time.Minute, smallBody, smallElements},
	}
}

// operation returns the endpoint's row. An endpoint that is not in the table has the smallest bounds.
func (e Endpoint) operation() operation {
	for _, o := range operations() {
		if o.endpoint == e {
			return o
		}
	}
	return operation{endpoint: e, maxBody: smallBody, maxElements: smallElements}
}
