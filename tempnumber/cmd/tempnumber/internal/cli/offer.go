package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func (p *program) offerCommand() *cobra.Command {
	var language string
	var watch bool
	cmd := &cobra.Command{
		Use:               "offer SERVICE COUNTRY",
		Short:             "Show price and availability of one service in one country",
		GroupID:           groupAccount,
		Long:              "Show the price of one service in one country, and whether there are numbers now.",
		Example:           "  tempnumber offer facebook us\n  tempnumber offer facebook us --json",
		Args:              exactly(2, "a service and a country"),
		ValidArgsFunction: p.completeOrder,
		RunE: func(cmd *cobra.Command, args []string) error {
			params, err := p.orderParams(args)
			if err != nil {
				return err
			}
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			look := func() (bool, error) { return false, p.printOffer(ctx, params, language) }
			if watch {
				return p.repeat(ctx, offerPause, look)
			}
			_, err = look()
			return err
		},
	}
	cmd.Flags().StringVar(&language, "language", "", "names and notes in a `LANGUAGE`, de (default English)")
	repeatFlag(cmd, &watch, offerPause)
	p.serviceFlags(cmd)
	return cmd
}

// offerPause is the time between two looks at an offer; 80 in two minutes are allowed.
const offerPause = 5 * time.Second

// printOffer asks for an offer and shows it.
func (p *program) printOffer(ctx context.Context, params tempnumber.CreateActivationParams, language string) error {
	o, err := p.client.Offer(ctx, params.ServiceID, params.CountryID, tempnumber.Language(language))
	if errors.Is(err, tempnumber.ErrNotFound) || errors.Is(err, tempnumber.ErrInvalidRequest) {
		return p.notFound(ctx, params, err)
	}
	if err != nil {
		return err
	}
	v := offerView{
		Service: o.ServiceID, ServiceName: o.ServiceName, Country: o.CountryID, CountryName: o.CountryName,
		Price: o.Price, HasNumbers: o.HasNumbers, Virtual: o.Virtual, Snippet: o.Snippet, Warning: o.Warning,
	}
	return printOne(p, v, func(w io.Writer) error {
		return writeDetails(w, p.env.styleOf(w), []detail{
			{name: "service", value: named(v.Service, v.ServiceName)},
			{name: "country", value: named(v.Country, v.CountryName)},
			{name: "price", value: v.Price.String() + " dollars"},
			{name: "numbers", value: yesNo(v.HasNumbers, "available", "none now")},
			{name: "kind", value: yesNo(v.Virtual, "virtual numbers", "numbers of SIM cards")},
			{name: "note", value: v.Snippet},
			{name: "warning", value: v.Warning},
		})
	})
}

// offerView is an offer as it is printed for programs.
type offerView struct {
	Service     string            `json:"service"`
	ServiceName string            `json:"service_name"`
	Country     string            `json:"country"`
	CountryName string            `json:"country_name"`
	Price       tempnumber.Amount `json:"price"`
	HasNumbers  bool              `json:"has_numbers"`
	Virtual     bool              `json:"virtual"`
	Snippet     string            `json:"snippet"`
	Warning     string            `json:"warning"`
}
