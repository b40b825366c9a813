package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/tempnumber/tempnumber-go/gen"
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

// ActivationPage is one page of the history.
type ActivationPage struct {
	Activations []*Activation // never nil
	Page        int           // of this page, from 1 on
	PageSize    int           // as the service granted it
	Pages       int           // how many pages there are
	Total       int           // how many activations there are on all pages
}

// ActivationsPage gives one page of the account's activations. Their order, the
// largest page and whether pending activations show their message are not
// documented.
func (c *Client) ActivationsPage(ctx context.Context, params ListParams) (*ActivationPage, error) {
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
	resp, err := c.raw.GetActivationsHistory(ctx, &query)
	page, err := answer(c, resp, err, activationPageFrom)
	if err != nil {
		return nil, err
	}
	for _, a := range page.Activations {
		c.saw(a)
	}
	return page, nil
}

// largePage is the page size that Activations asks for by itself.
const largePage = 100

// Activations goes through the account's activations from params.Page to the
// last page, a request per page, each only when it is needed. An activation that
// slips to the next page while new ones come in is given once. With PageSize 0
// it asks for 100 a page, and for the service's default where that is refused. After an
// error, which comes with a nil activation, the sequence ends.
func (c *Client) Activations(ctx context.Context, params ListParams) iter.Seq2[*Activation, error] {
	return func(yield func(*Activation, error) bool) {
		ask := params
		ask.Page = max(params.Page, 1)
		if params.PageSize == 0 {
			ask.PageSize = largePage
		}
		if err := params.check(); err != nil {
			yield(nil, err)
			return
		}
		seen := make(map[ActivationID]bool)
		for {
			page, err := c.ActivationsPage(ctx, ask)
			if errors.Is(err, ErrInvalidRequest) && params.PageSize == 0 && ask.PageSize != 0 {
				ask.PageSize = 0
				continue
			}
			if err == nil && page.Page != 0 && page.Page != ask.Page {
				err = &ResponseError{
					StatusCode: 200, Method: "GET", Path: "/activations",
					Err: fmt.Errorf("page %d was asked for and page %d came", ask.Page, page.Page),
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			before := len(seen)
			for _, a := range page.Activations {
				if seen[a.ID] {
					continue
				}
				seen[a.ID] = true
				if !yield(a, nil) {
					return
				}
			}
			last := ask.Page >= page.Pages
			if page.Pages == 0 { // it is not told how many there are: go on while they show something new
				last = len(seen) == before
			}
			if last || len(page.Activations) == 0 {
				return
			}
			ask.Page++
		}
	}
}
