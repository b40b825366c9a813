package tempnumber

import "context"

// Balance is the money of the account.
type Balance struct {
	Available Amount // what can be spent
	InReview  Amount // what the service still holds for review
}

// Balance asks how much money the account has.
func (c *Client) Balance(ctx context.Context) (*Balance, error) {
	resp, err := c.raw.GetUserBalance(ctx)
	return answer(c, resp, err, balanceFrom)
}
