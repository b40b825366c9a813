package share

import (
	"context"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// Coordinator is where a program's waits and orders learn what to do: a [Hub] for programs that share a log, an
// [Alone] for one that does not.
type Coordinator interface {
	// Join announces a wait. seen is how long ago its activation was seen, below zero for never; left is how
	// long its number lives; special says that the program itself has to judge whether an SMS is the one.
	Join(id int64, special bool, seen, left time.Duration)
	// Leave ends the program's wait for an activation.
	Leave(id int64)
	// Flush waits until others know what was said, but not for long.
	Flush()
	// Awaited reports whether a program is known to wait for an activation.
	Awaited(id int64) bool
	// Say takes in what the program has seen.
	Say(facts ...Fact)
	// Looked tells what a look has shown, and ends it.
	Looked(look poll.Look, s *LookSlot, facts []Fact)

	// Order writes an order down before it is sent, unless judge refuses it for what was ordered before. judge
	// may be called several times, the last time with all that there was. It returns the order's id.
	Order(ctx context.Context, pair string, amount int64, judge func(before []Ordered) error) (id uint64, err error)
	// Settle says what became of an order: what it cost and which activation it bought, zeros for nothing.
	Settle(id uint64, activation, amount int64)
	// Unknown says that nobody knows what an order bought.
	Unknown(id uint64)
	// Paid says what an activation really cost, 0 after it was refunded, if it was bought by an order that counts.
	Paid(activation, amount int64)
}

// Follower is told what a Coordinator decides, and what a log shows, for the waits of its program. Its methods are
// called without any lock held, and must return quickly.
type Follower interface {
	// Show, of programs that share a log, takes in activations that somebody saw, asked for at the given times.
	Show(seen []Sighting)
	// Expired ends waits whose time is over.
	Expired(ids []int64)
	// Send sends a look with its slot, and ends with Coordinator.Looked.
	Send(look poll.Look, s *LookSlot)
	// Unreachable says that the log has failed for long.
	Unreachable(err error)
}

// Sighting is an activation as somebody saw it.
type Sighting struct {
	Own  bool // the program itself has said so
	Sent time.Time
	List bool
	Data []byte
}

// LookSlot is the slot of a look.
type LookSlot struct {
	ID      uint64
	SendBy  time.Time
	Outcome slot.Outcome // of the request; not sent until it is known
	// Granted is not nil where the look has yet to get its slot, and is to be called when it has.
	Granted func()
}
