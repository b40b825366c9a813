package cli

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/country"
)

// screenful is how many prices a terminal gets unless --limit says otherwise.
const screenful = 40

func (p *program) pricesCommand() *cobra.Command {
	var o priceOptions
	cmd := &cobra.Command{
		Use:     "prices",
		Short:   "List what numbers cost, the cheapest first",
		GroupID: groupAccount,
		Long: `List what numbers cost, the cheapest first; the cheapest of what is shown are marked.

The whole list has hundreds of thousands of prices and may be asked for 3 times a
minute, so one that is less than a minute old is taken from the cache; see --refresh.
A terminal gets the first 40 that match, anything else all of them.`,
		Example: `  tempnumber prices --service facebook
  tempnumber prices --country "united kingdom" --sort service
  tempnumber prices --service facebook --limit 1 --json`,
		Args: exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			ctx, cancel, err := p.connected(cmd)
			if err != nil {
				return err
			}
			defer cancel()
			list, err := p.priceList(ctx, o.refresh)
			if err != nil {
				return err
			}
			if o.service != "" {
				if err := p.unknownService(namesOf(list), o.service); err != nil {
					return err
				}
			}
			return p.printPrices(o.choose(list), &o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.service, "service", "", "only this `SERVICE`")
	f.StringVar(&o.country, "country", "", "only this `COUNTRY`")
	f.StringVar(&o.sort, "sort", "price", "order by `COLUMN`: price, service or country")
	f.IntVar(&o.limit, "limit", 0, "at most `N` prices; 0 for all (default 40 on a terminal)")
	f.BoolVar(&o.refresh, "refresh", false, "ask the service, whatever is in the cache")
	p.serviceFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions([]string{"price", "service", "country"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("service", p.completeService)
	_ = cmd.RegisterFlagCompletionFunc("country", p.completeCountry)
	return cmd
}

// priceOptions are the flags of the prices command.
type priceOptions struct {
	service, country, sort string
	limit                  int
	refresh                bool

	limited bool // --limit was given
}

func (o *priceOptions) check(cmd *cobra.Command) error {
	o.limited = cmd.Flags().Changed("limit")
	if o.limit < 0 {
		return usage("--limit %d: it is a number of prices, or 0 for all", o.limit)
	}
	if !slices.Contains([]string{"price", "service", "country"}, o.sort) {
		return usage("--sort %q: there are price, service and country", o.sort)
	}
	if o.country == "" {
		return nil
	}
	id, ok := country.ID(o.country)
	if !ok {
		return unknownCountry(o.country)
	}
	o.country = id
	return nil
}

// choose returns the prices that are wanted, in order.
func (o *priceOptions) choose(list []tempnumber.CountryPrices) []priceView {
	var chosen []priceView
	names := map[string]string{}
	for _, c := range list {
		if o.country != "" && c.CountryID != o.country {
			continue
		}
		for _, s := range c.Services {
			if o.service != "" && s.ServiceID != o.service {
				continue
			}
			if _, known := names[c.CountryID]; !known {
				names[c.CountryID] = country.Name(c.CountryID)
			}
			chosen = append(chosen, priceView{Service: s.ServiceID, Country: c.CountryID, CountryName: names[c.CountryID], Price: s.Price})
		}
	}
	slices.SortFunc(chosen, func(a, b priceView) int {
		byService, byCountry, byPrice := cmp.Compare(a.Service, b.Service), cmp.Compare(a.CountryName, b.CountryName), cmp.Compare(a.Price, b.Price)
		switch o.sort {
		case "service":
			return cmp.Or(byService, byPrice, byCountry)
		case "country":
			return cmp.Or(byCountry, byPrice, byService)
		}
		return cmp.Or(byPrice, byService, byCountry)
	})
	if len(chosen) > 0 {
		lowest := slices.MinFunc(chosen, func(a, b priceView) int { return cmp.Compare(a.Price, b.Price) }).Price
		for i := range chosen {
			chosen[i].Cheapest = chosen[i].Price == lowest
		}
	}
	return chosen
}

// priceView is a price as it is printed for programs.
type priceView struct {
	Service     string            `json:"service"`
	Country     string            `json:"country"`
	CountryName string            `json:"country_name"`
	Price       tempnumber.Amount `json:"price"`
	Cheapest    bool              `json:"cheapest"` // of all that match
}

func (p *program) printPrices(chosen []priceView, o *priceOptions) error {
	limit, total := o.limit, len(chosen)
	if !o.limited && terminal(p.env.Stdout) != nil && !p.settings.format.machine() {
		limit = screenful
	}
	if limit > 0 && limit < total {
		chosen = chosen[:limit]
		defer p.console.note("%d of %d prices; --limit 0 shows all, --service and --country choose", limit, total)
	}
	if total == 0 {
		p.console.note("no prices found; see all of them: %s", p.command("prices"))
	}
	return printMany(p, chosen, func(w io.Writer) error {
		if total == 0 {
			return nil
		}
		t := table{
			header: []string{"SERVICE", "COUNTRY", "NAME", "DOLLARS", ""},
			right:  []bool{3: true}, narrow: []int{2, 0}, drop: []int{4, 2},
		}
		for i, price := range decimals(chosen) {
			c := chosen[i]
			t.add(c.Service, c.Country, c.CountryName, price, yesNo(c.Cheapest, "cheapest", ""))
		}
		return p.printTable(w, &t)
	})
}

// decimals writes prices with as many decimals as the longest of them has, two at
// least, so that their points stand below each other.
func decimals(prices []priceView) []string {
	const fewest = 2
	texts := make([]string, len(prices))
	longest := fewest
	for i, p := range prices {
		texts[i] = p.Price.String()
		_, fraction, _ := strings.Cut(texts[i], ".")
		longest = max(longest, len(fraction))
	}
	for i, text := range texts {
		whole, fraction, _ := strings.Cut(text, ".")
		texts[i] = whole + "." + fraction + strings.Repeat("0", longest-len(fraction))
	}
	return texts
}

// priceList returns the whole price list, from the cache when it is new.
func (p *program) priceList(ctx context.Context, refresh bool) ([]tempnumber.CountryPrices, error) {
	cache := p.cache()
	if list, ok := cache.prices(); ok && !refresh {
		return list, nil
	}
	list, err := p.client.PricesByCountry(ctx)
	if err == nil {
		cache.keepPrices(list)
	}
	return list, err
}
