package tempnumbertest_test

import (
	"testing"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		tempnumbertest.NewServer(tempnumbertest.WithLargeCatalogue())
	}
}

func BenchmarkLargePriceList(b *testing.B) {
	for b.Loop() {
		call(b, tempnumbertest.NewServer(tempnumbertest.WithLargeCatalogue()), "GET", "/services/pricelistByCountry", "")
	}
}

func BenchmarkGetActivation(b *testing.B) {
	server := tempnumbertest.NewServer(tempnumbertest.WithoutLimits())
	callOK(b, server, "POST", "/activations", orderBody)
	b.ReportAllocs()
	for b.Loop() {
		call(b, server, "GET", "/activations/12312", "")
	}
}
