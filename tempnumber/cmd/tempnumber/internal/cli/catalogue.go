package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/country"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

const catalogueHelp = `A catalogue is a JSON file with services, and with countries and what numbers look like
there; each # of a pattern is a digit that differs, and names may be left out:

  {"services": [{"id": "acme", "name": "Acme", "price": 0.5}],
   "countries": [{"id": "us", "calling_code": "1", "pattern": "845-4##-####",
                  "price_percent": 100, "virtual": false}]}`

// catalogueFile is the file of --catalogue.
type catalogueFile struct {
	Services []struct {
		ID    string            `json:"id"`
		Name  string            `json:"name"`
		Price tempnumber.Amount `json:"price"`
	} `json:"services"`
	Countries []struct {
		ID           string `json:"id"`
		Name         string `json:"name"`
		CallingCode  string `json:"calling_code"`
		Pattern      string `json:"pattern"`
		PricePercent int    `json:"price_percent"`
		Virtual      bool   `json:"virtual"`
	} `json:"countries"`
}

// readCatalogue reads what the mock command is to offer.
func readCatalogue(path string) (tempnumbertest.Catalogue, error) {
	var catalogue tempnumbertest.Catalogue
	wrong := func(err error) error { return usageError{fmt.Errorf("--catalogue %s: %w", path, err)} }
	opened, err := os.Open(path) //nolint:gosec // the user says which file
	if err != nil {
		return catalogue, usageError{fmt.Errorf("--catalogue: %w", err)}
	}
	defer func() { _ = opened.Close() }() // it was read only
	var file catalogueFile
	decoder := json.NewDecoder(opened)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return catalogue, wrong(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return catalogue, wrong(errors.New("there is something behind the JSON object"))
	}
	for _, s := range file.Services {
		catalogue.Services = append(catalogue.Services, tempnumbertest.Service{ID: s.ID, Name: cmp.Or(s.Name, s.ID), Price: s.Price})
	}
	for _, c := range file.Countries {
		catalogue.Countries = append(catalogue.Countries, tempnumbertest.Country{
			ID: c.ID, Name: cmp.Or(c.Name, country.Name(c.ID)), CallingCode: c.CallingCode, Pattern: c.Pattern,
			PricePercent: cmp.Or(c.PricePercent, 100), Virtual: c.Virtual,
		})
	}
	if err := catalogue.Check(); err != nil {
		return catalogue, wrong(errors.New(strings.TrimPrefix(err.Error(), "tempnumbertest: ")))
	}
	return catalogue, nil
}
