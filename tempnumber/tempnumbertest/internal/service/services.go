package service

import (
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// DefaultCatalogue has well-known services in the countries that are asked for most.
func DefaultCatalogue() Catalogue {
	return Catalogue{Services: wellKnown(), Countries: countries()[:26], uneven: true}
}

// LargeCatalogue is as large as the real one: 3,000 services in 150 countries.
func LargeCatalogue() Catalogue {
	const services, lands = 3000, 150
	list := wellKnown()
	list = append(list, invented(services-len(list))...)
	return Catalogue{Services: list, Countries: countries()[:lands], uneven: true}
}

// wellKnown are services that people sign up to, with prices of about the right size.
func wellKnown() []Listing {
	const cent = tempnumber.Cent
	return []Listing{
		{"facebook", "Facebook", 40 * cent},
		{"whatsapp", "WhatsApp", 65 * cent},
		{"telegram", "Telegram", 90 * cent},
		{"google", "Google", 50 * cent},
		{"instagram", "Instagram", 30 * cent},
		{"tiktok", "TikTok", 25 * cent},
		{"twitter", "X (Twitter)", 20 * cent},
		{"discord", "Discord", 18 * cent},
		{"microsoft", "Microsoft", 15 * cent},
		{"apple", "Apple", 35 * cent},
		{"amazon", "Amazon", 28 * cent},
		{"netflix", "Netflix", 22 * cent},
		{"paypal", "PayPal", 55 * cent},
		{"ebay", "eBay", 24 * cent},
		{"uber", "Uber", 20 * cent},
		{"airbnb", "Airbnb", 26 * cent},
		{"linkedin", "LinkedIn", 32 * cent},
		{"snapchat", "Snapchat", 21 * cent},
		{"tinder", "Tinder", 60 * cent},
		{"viber", "Viber", 27 * cent},
		{"wechat", "WeChat", 85 * cent},
		{"line", "LINE", 45 * cent},
		{"signal", "Signal", 38 * cent},
		{"steam", "Steam", 19 * cent},
		{"yahoo", "Yahoo", 14 * cent},
		{"openai", "OpenAI", 33 * cent},
		{"spotify", "Spotify", 16 * cent},
		{"booking", "Booking.com", 23 * cent},
		{"revolut", "Revolut", 70 * cent},
		{"other", "Any other service", 48 * cent},
	}
}

// invented makes up n services, 3,000 at most.
func invented(n int) []Listing {
	first := strings.Fields(`Amber Azure Blue Brisk Calm Clear Cloud Coral Crisp Dawn Delta Eager Early Easy Ember
		Fair Fast First Fresh Gold Grand Green Happy High Indigo Iron Ivory Jade Keen Kind Light Lime Loop Lucky Lunar
		Maple Mint Noble North Nova Ocean Open Orange Pearl Pine Prime Quick Quiet Rapid Red River Royal Silver Smart
		Solar South Swift True Urban Vivid`)
	second := strings.Fields(`Bank Base Bay Bike Book Box Cab Cart Cast Chat Coin Deal Desk Dine Doc Drive Farm Fit
		Flow Food Game Gate Grid Hub Job Jet Kart Lab Link List Mail Map Mart Meet Move News Pay Pet Pick Play Post Ride
		Room Shop Space Stay Talk Taxi Trade Trip`)
	list := make([]Listing, n)
	for i := range list {
		a, b := first[i%len(first)], second[i/len(first)]
		list[i] = Listing{
			ID:    strings.ToLower(a + b),
			Name:  a + " " + b,
			Price: tempnumber.Amount(8+i*7%60) * tempnumber.Cent,
		}
	}
	return list
}
