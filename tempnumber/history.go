package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

// ListParams says which part of the history is wanted.
type ListParams struct {
	Page     int // from 1 on; 0 means the first
	PageSize int // 0 means the service's own, 10; it may grant less than what is asked for
}

func (p ListParams) check() error {
	if p.Page < 0 || p.PageSize < 0 {
		return invalid("page %d, page size %d: neither may be negative; pages start at 1, and 0 means the default", p.Page, p.PageSize)
	}
	return nil
}

// activation asks for one activation.
func (c *caller) activation(ctx context.Context, id ActivationID, p priority) (*Activation, error) {
	req, err := gen.NewGetActivationRequest(c.server, int64(id))
	r := c.do(ctx, req, err, call{endpoint: EndpointGetActivation, priority: p})
	a, err := answer(c, r, model(activationFrom))
	if err == nil && a.ID != id {
		err = r.unreadable(fmt.Errorf("activation %d was asked for and activation %d came", int64(id), int64(a.ID)))
	}
	if err != nil {
		return nil, err
	}
	c.observeActivation(a, sighting{sent: r.sent}, p)
	return a, nil
}

// page asks for one page of the history.
func (c *caller) page(ctx context.Context, params ListParams, p priority) (*ActivationPage, error) {
	if err := params.check(); err != nil {
		return nil, err
	}
	var query gen.GetActivationsHistoryParams
	if params.Page > 0 {
		page := int64(params.Page)
		query.Page = &page
	}
	if params.PageSize > 0 {
		limit := int64(params.PageSize)
		query.Limit = &limit
	}
	req, err := gen.NewGetActivationsHistoryRequest(c.server, &query)
	r := c.do(ctx, req, err, call{endpoint: EndpointListActivations, priority: p})
	c.learnDate(r)
	page, err := answer(c, r, model(activationPageFrom))
	if err != nil {
		return nil, err
	}
	if !p.background {
		c.waits(page.Activations, sighting{r.sent, true})
	}
	for _, a := range page.Activations {
		c.observeActivation(a, sighting{r.sent, true}, p)
	}
	return page, nil
}

// largePage is the page size that is asked for by default.
const largePage = 100

// walker goes through the history page by page. An activation that slips to the next page while new ones come
// in is shown once.
type walker struct {
	caller *caller
	ask    ListParams
	known  map[ActivationID]struct{}
}

// newWalker returns a walker that asks for params next. With PageSize 0 it asks for large pages, and for the
// service's default where these are refused.
func (c *caller) newWalker(params ListParams) *walker {
	w := &walker{caller: c, ask: params, known: make(map[ActivationID]struct{})}
	w.ask.Page = max(params.Page, 1)
	if params.PageSize == 0 {
		w.ask.PageSize = largePage
	}
	return w
}

// read asks for the page and returns it with what is new on it.
func (w *walker) read(ctx context.Context, fixedSize bool) (page *ActivationPage, fresh []*Activation, err error) {
	page, err = w.caller.page(ctx, w.ask, priority{})
	if errors.Is(err, ErrInvalidRequest) && !fixedSize && w.ask.PageSize != 0 {
		w.ask.PageSize = 0
		page, err = w.caller.page(ctx, w.ask, priority{})
	}
	if err != nil {
		return nil, nil, err
	}
	for _, a := range page.Activations {
		if _, known := w.known[a.ID]; !known {
			w.known[a.ID] = struct{}{}
			fresh = append(fresh, a)
		}
	}
	return page, fresh, nil
}

// activations yields the activations from a page to the last one.
func (c *caller) activations(ctx context.Context, params ListParams) iter.Seq2[*Activation, error] {
	return func(yield func(*Activation, error) bool) {
		if err := params.check(); err != nil {
			yield(nil, err)
			return
		}
		for w := c.newWalker(params); ; w.ask.Page++ {
			page, fresh, err := w.read(ctx, params.PageSize != 0)
			if err == nil && page.Page != 0 && page.Page != w.ask.Page {
				err = &ResponseError{
					StatusCode: 200, Method: "GET", Path: "/activations",
					Err: fmt.Errorf("page %d was asked for and page %d came", w.ask.Page, page.Page),
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, a := range fresh {
				if !yield(a, nil) {
					return
				}
			}
			last := w.ask.Page >= page.Pages
			if page.Pages == 0 { // it does not say how many there are: go on while they show something new
				last = len(fresh) == 0
			}
			if last || len(page.Activations) == 0 {
				return
			}
		}
	}
}

// historyReader reads the newest part of the history, for those who look for orders.
type historyReader struct {
	caller *caller
	book   *orders.Book
	flight orders.Flight[*Activation]
}

// shared returns at least a range of the history, by a reading that it shares with others.
func (h *historyReader) shared(ctx context.Context, r orders.Range) ([]*Activation, error) {
	return h.flight.Read(ctx, r, h.read)
}

// read reads the history from its newest end down to a range, and perhaps somewhat further.
func (h *historyReader) read(ctx context.Context, r orders.Range) (all []*Activation, err error) {
	w := h.caller.newWalker(ListParams{})
	err = orders.ReadNewest(r, &h.caller.clock, func(n int) (p orders.Page, err error) {
		w.ask.Page = n
		page, fresh, err := w.read(ctx, len(all) > 0)
		if err != nil {
			return p, err
		}
		all = append(all, fresh...)
		return orders.Page{All: factsOf(page.Activations, h.caller.seed), New: factsOf(fresh, h.caller.seed), Pages: page.Pages}, nil
	})
	if err != nil {
		return nil, err
	}
	h.book.SawNewest()
	return all, nil
}

// factOf returns what matters of an activation for orders.
func factOf(a *Activation, seed maphash.Seed) orders.Activation {
	fact := orders.Activation{
		ID: int64(a.ID), Pair: orders.PairOf(a.ServiceID, a.CountryID), CreatedAt: a.CreatedAt,
		Waiting: !a.Status.HasSMS() && !a.Status.Terminal(),
	}
	if a.Status.HasSMS() {
		fact.Mark = smsMark(a, seed)
	}
	return fact
}

func factsOf(activations []*Activation, seed maphash.Seed) []orders.Activation {
	facts := make([]orders.Activation, 0, len(activations))
	for _, a := range activations {
		facts = append(facts, factOf(a, seed))
	}
	return facts
}

// smsMark returns a mark that differs between two SMS of one activation, without keeping their texts.
func smsMark(a *Activation, seed maphash.Seed) uint64 {
	return maphash.Comparable(seed, [3]string{string(a.Status), a.Message, string(a.Code)})
}
