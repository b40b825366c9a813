package tempnumber

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// The delivery rate that the vendor documents for the API 1.3.8: of the
// activations of one service in one country at least 7 % must receive an SMS,
// counted from the fifth on; below that the pair is closed until the count resets,
// every 24 hours.
const (
	deliveryPercent = 7
	deliveryFrom    = 5
	deliveryWindow  = 24 * time.Hour
)

// DeliveryStat is how many activations of one service in one country received an
// SMS in the last 24 hours.
type DeliveryStat struct {
	ServiceID string
	CountryID string
	Asked     int // activations made
	Delivered int // of these, how many received an SMS
	Pending   int // of these, how many have none and can still receive one
	// Rate is Delivered out of Asked, from 0 to 1; 0 where nothing was asked. Those
	// that are pending count as asked: which ones the service counts is not documented.
	Rate float64
	// Left is how many more activations can go without an SMS until the service
	// refuses the next order, if those that are pending receive none either. 0 means
	// that it refuses now.
	Left int
}

// DeliveryStats counts the activations of the last 24 hours from the account's
// history, for each service in each country, in order of their ids. When exactly
// the service begins to count anew is not documented, so it can be more lenient.
// It takes a request for every 100 activations or so, of which 10 a minute are
// allowed.
func (c *Client) DeliveryStats(ctx context.Context) ([]DeliveryStat, error) {
	begin := time.Now().Add(-deliveryWindow)
	seen, err := c.historyDownTo(ctx, depth{since: begin})
	if err != nil {
		return nil, err
	}
	since := c.road.clock.earliest(begin)
	byPair := make(map[pair]*DeliveryStat)
	for _, a := range seen {
		d := deliveryOf(a)
		if d.made.Before(since) {
			continue
		}
		stat := byPair[d.pair]
		if stat == nil {
			stat = &DeliveryStat{ServiceID: a.ServiceID, CountryID: a.CountryID}
			byPair[d.pair] = stat
		}
		stat.count(d)
	}
	stats := make([]DeliveryStat, 0, len(byPair))
	for _, stat := range byPair {
		stats = append(stats, stat.judged())
	}
	slices.SortFunc(stats, func(a, b DeliveryStat) int {
		return cmp.Or(cmp.Compare(a.ServiceID, b.ServiceID), cmp.Compare(a.CountryID, b.CountryID))
	})
	return stats, nil
}

// delivery is what matters of one activation for the delivery rate.
type delivery struct {
	pair               pair
	made               time.Time
	delivered, pending bool
}

func deliveryOf(a *Activation) delivery {
	d := delivery{pair: pairOf(a), made: a.CreatedAt}
	if d.made.IsZero() {
		d.made = a.ServerTime // not told, so count it for as long as possible
	}
	// Another SMS can be asked for only after the first.
	d.delivered = a.Status.HasSMS() || a.Status == StatusRetryRequested || a.Message != "" || a.Code != ""
	d.pending = !d.delivered && !a.Status.Terminal() && (a.ExpiresAt.IsZero() || a.ServerTime.Before(a.ExpiresAt))
	return d
}

func (s *DeliveryStat) count(d delivery) {
	s.Asked++
	if d.delivered {
		s.Delivered++
	}
	if d.pending {
		s.Pending++
	}
}

// judged fills in what follows from the counts.
func (s DeliveryStat) judged() DeliveryStat {
	s.Rate = 0
	if s.Asked > 0 {
		s.Rate = float64(s.Delivered) / float64(s.Asked)
	}
	// The smallest number of activations at which so many deliveries are too few.
	tooMany := max(deliveryFrom, s.Delivered*100/deliveryPercent+1)
	s.Left = max(0, tooMany-s.Asked)
	return s
}
