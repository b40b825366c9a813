package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/cmd/tempnumber/internal/country"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// completionTime is how long a completion may ask the service. A shell waits for it.
const completionTime = 700 * time.Millisecond

// completeOrder completes a service and then a country.
func (p *program) completeOrder(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return p.completeService(cmd, args, word)
	case 1:
		return p.completeCountry(cmd, args, word)
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

func (p *program) completeService(cmd *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	for _, id := range p.knownNames(cmd).Services {
		if strings.HasPrefix(id, word) {
			found = append(found, id)
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func (p *program) completeCountry(cmd *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	for _, id := range p.knownNames(cmd).Countries {
		if strings.HasPrefix(id, strings.ToLower(word)) {
			found = append(found, cobra.CompletionWithDesc(id, country.Name(id)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeID completes the id of an activation that waits.
func (p *program) completeID(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 || !p.prepareCompletion(cmd) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []cobra.Completion
	for _, n := range p.pendingNumbers(cmd.Context()) {
		if id := n.ID.String(); strings.HasPrefix(id, word) {
			found = append(found, cobra.CompletionWithDesc(id, fmt.Sprintf("%s, %s in %s", n.Number, n.Service, n.Country)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// prepareCompletion reads the settings; a completion reports no error.
func (p *program) prepareCompletion(cmd *cobra.Command) bool {
	var err error
	p.settings, err = p.resolve(cmd.Flags())
	p.console = newConsole(p.env, true)
	return err == nil && !p.flags.keyStdin // standard input is the shell's
}

// knownNames returns the services and countries of the price list: from the cache,
// and when that is old from the service, if it answers at once. Where nothing of that
// can be had, without a key say, it returns the countries that there are and the
// services of the built-in service.
func (p *program) knownNames(cmd *cobra.Command) names {
	n := p.offeredNames(cmd)
	if len(n.Countries) == 0 {
		n.Countries = country.IDs()
		slices.Sort(n.Countries)
	}
	if _, err := p.key(); len(n.Services) == 0 && (p.settings.mock || err != nil) {
		if list, err := builtInPrices(cmd.Context()); err == nil {
			n.Services = namesOf(list).Services
		}
	}
	return n
}

// builtInPrices returns the price list of the built-in service.
func builtInPrices(ctx context.Context) ([]tempnumber.CountryPrices, error) {
	client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL("https://mock.invalid"),
		tempnumber.WithHTTPClient(&http.Client{Transport: tempnumbertest.NewServer().Transport()}))
	if err != nil {
		return nil, err
	}
	return client.PricesByCountry(ctx)
}

// offeredNames returns what the service offers, as far as that is known at once.
func (p *program) offeredNames(cmd *cobra.Command) names {
	var n names
	if !p.prepareCompletion(cmd) {
		return n
	}
	cache := p.cache()
	age, ok := cache.read(namesFile, &n)
	if ok && age < freshNames || p.settings.mock || !cache.claim(namesFile, namesPause) {
		return n
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
	defer cancel()
	if p.connectOnce() != nil {
		return n
	}
	list, err := p.client.PricesByCountry(ctx)
	if err != nil {
		return n
	}
	cache.keepPrices(list)
	return namesOf(list)
}

// pendingNumbers returns the activations that wait, the newest first.
func (p *program) pendingNumbers(ctx context.Context) []pendingNumber {
	var pending []pendingNumber
	cache := p.cache()
	age, ok := cache.read(pendingFile, &pending)
	if ok && age < freshPending || !cache.claim(pendingFile, pendingPause) {
		return pending
	}
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	if p.connectOnce() != nil {
		return pending
	}
	found, _, err := p.history(ctx, false)
	if err != nil {
		return pending
	}
	return cache.keepPending(found)
}

// connectOnce makes a client that tries everything once.
func (p *program) connectOnce() error {
	return p.connect(tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
}
