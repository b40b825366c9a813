package cli

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// How old what is in the cache may be.
const (
	freshPrices  = time.Minute      // to be shown as the present ones
	freshNames   = 24 * time.Hour   // of services and countries, to complete words
	freshPending = 10 * time.Second // activations, to complete their ids
	// namesPause and pendingPause are how long it takes at least until the service
	// is asked again for a completion, whether it answered or not. The limits are 3
	// price lists and 10 lists of activations a minute.
	namesPause   = time.Minute
	pendingPause = 10 * time.Second
)

// cache keeps lists of one service on disk, between runs. Nothing secret is in it.
// It is a convenience: what cannot be read or written is as if it were not there.
// The zero cache keeps nothing.
type cache struct{ dir string }

// cache returns the cache of the service that the program talks to.
func (p *program) cache() cache {
	base := p.userDir("XDG_CACHE_HOME", ".cache")
	if base == "" || p.settings.mock {
		return cache{}
	}
	service := sha256.Sum256([]byte(cmp.Or(p.settings.baseURL, tempnumber.ProductionURL)))
	return cache{filepath.Join(base, "tempnumber", hex.EncodeToString(service[:8]))}
}

// names are the ids that can be completed.
type names struct{ Services, Countries []string }

// pendingNumber is an activation whose id can be completed.
type pendingNumber struct {
	ID                       tempnumber.ActivationID
	Number, Service, Country string
}

// The files of the cache.
const (
	pricesFile  = "prices"
	namesFile   = "names"
	pendingFile = "pending"
)

func (c cache) prices() (list []tempnumber.CountryPrices, ok bool) {
	age, ok := c.read(pricesFile, &list)
	return list, ok && age < freshPrices
}

// keepPrices writes down a price list, and its names apart, since those are few
// and completion has no time to read the rest.
func (c cache) keepPrices(list []tempnumber.CountryPrices) {
	c.write(pricesFile, list)
	c.write(namesFile, namesOf(list))
}

// namesOf returns the ids in a price list, in order.
func namesOf(list []tempnumber.CountryPrices) names {
	var n names
	for _, country := range list {
		n.Countries = append(n.Countries, country.CountryID)
		for _, service := range country.Services {
			n.Services = append(n.Services, service.ServiceID)
		}
	}
	slices.Sort(n.Countries)
	slices.Sort(n.Services)
	n.Countries, n.Services = slices.Compact(n.Countries), slices.Compact(n.Services)
	return n
}

// keepPending writes down which of the newest activations wait.
func (c cache) keepPending(newest []*tempnumber.Activation) []pendingNumber {
	pending := []pendingNumber{}
	for _, a := range newest {
		if isPending(a) {
			pending = append(pending, pendingNumber{a.ID, a.Phone.E164(), a.ServiceID, a.CountryID})
		}
	}
	c.write(pendingFile, pending)
	return pending
}

// read reads a file, and returns its age.
func (c cache) read(name string, into any) (age time.Duration, ok bool) {
	if c.dir == "" {
		return 0, false
	}
	file, err := os.Open(filepath.Join(c.dir, name)) //nolint:gosec // names are constants
	if err != nil {
		return 0, false
	}
	defer func() { _ = file.Close() }() // it was read only
	var written time.Time
	decoder := json.NewDecoder(bufio.NewReader(file))
	if decoder.Decode(&written) != nil || into != nil && decoder.Decode(into) != nil {
		return 0, false
	}
	age = time.Since(written)
	return age, age >= 0
}

// write writes a file as a whole, so that another process never reads half of it,
// and reports whether it could. Before the value stands when that was.
func (c cache) write(name string, value any) bool {
	if c.dir == "" || os.MkdirAll(c.dir, 0o700) != nil {
		return false
	}
	file, err := os.CreateTemp(c.dir, name+".new-*")
	if err != nil {
		return false
	}
	buffer := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffer)
	err = errors.Join(encoder.Encode(time.Now()), encoder.Encode(value), buffer.Flush(), file.Close())
	if err != nil || os.Rename(file.Name(), filepath.Join(c.dir, name)) != nil {
		_ = os.Remove(file.Name())
		return false
	}
	return true
}

// claim reports whether the service may be asked for something again, and writes
// down that it is asked now.
func (c cache) claim(name string, pause time.Duration) bool {
	name += ".asked"
	if age, ok := c.read(name, nil); ok && age < pause {
		return false
	}
	return c.write(name, true)
}
