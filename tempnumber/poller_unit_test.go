package tempnumber

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// oneAnswer answers every look in the same way.
type oneAnswer struct {
	activations []*Activation
	err         error
}

func (o oneAnswer) notify(Event) {}

func (o oneAnswer) activation(context.Context, ActivationID, priority) (*Activation, error) {
	if o.err != nil {
		return nil, o.err
	}
	return o.activations[0], nil
}

func (o oneAnswer) page(context.Context, ListParams, priority) (*ActivationPage, error) {
	if o.err != nil {
		return nil, o.err
	}
	return &ActivationPage{Activations: o.activations, Total: len(o.activations)}, nil
}

// coordinator keeps what it is told.
type coordinator struct {
	share.Coordinator
	left   []int64
	said   []share.Fact
	looked []share.Fact
}

func (b *coordinator) Join(int64, bool, time.Duration, time.Duration) {}
func (b *coordinator) Awaited(int64) bool                             { return false }
func (b *coordinator) Flush()                                         {}
func (b *coordinator) Leave(id int64)                                 { b.left = append(b.left, id) }

func (b *coordinator) Say(facts ...share.Fact) { b.said = append(b.said, facts...) }

func (b *coordinator) Looked(_ poll.Look, _ *share.LookSlot, facts []share.Fact) { b.looked = facts }

// waitFor returns a poller with one wait for activation 7.
func waitFor(service looker, opts ...WaitOption) (*poller, *coordinator, *wait) {
	b := &coordinator{}
	p := &poller{service: service, coordinator: b, tells: true, waits: make(map[ActivationID][]*wait)}
	options, _ := waitOptionsOf(7, opts)
	w := newWait(7, options)
	p.join(w, time.Time{})
	return p, b, w
}

func aSlot() *share.LookSlot { return &share.LookSlot{ID: 5, Outcome: slot.NotSent} }

func listOfAll() poll.Look { return poll.Look{Page: 1, Size: 100, Sent: time.Now()} }

func factsOfKind(facts []share.Fact, kind share.Kind) (n int) {
	for _, f := range facts {
		if f.Kind == kind {
			n++
		}
	}
	return n
}

// A list that shows that there is an SMS and not what it says ends no wait: a single look fetches the text.
func TestListWithoutText(t *testing.T) {
	p, b, w := waitFor(oneAnswer{activations: []*Activation{{ID: 7, Status: StatusSMSReceived}, {ID: 8, Status: StatusRetryRequested}}})
	p.look(t.Context(), listOfAll(), aSlot())
	require.False(t, w.done)
	require.Equal(t, []share.Row{{Activation: 7, Flags: share.HasSMS | share.HadSMS}, {Activation: 8, Flags: share.HadSMS}}, b.looked[0].Rows)
	require.Equal(t, 1, factsOfKind(b.looked, share.Item))
	require.Equal(t, 1, factsOfKind(b.looked, share.Confirm))
	require.False(t, b.looked[1].Ended)
	require.Empty(t, b.left)
}

// For a wait for the next SMS a list is a hint at most.
func TestListForNextSMS(t *testing.T) {
	former := &Activation{ID: 7, Status: StatusSMSReceived, Message: "of before"}
	for text, confirms := range map[string]int{"of before": 0, "another": 1} {
		p, b, w := waitFor(oneAnswer{activations: []*Activation{{ID: 7, Status: StatusSMSReceived, Message: text}}}, After(former))
		p.look(t.Context(), listOfAll(), aSlot())
		require.False(t, w.done)
		require.Equal(t, confirms, factsOfKind(b.looked, share.Confirm), text)

		p.look(t.Context(), poll.Look{ID: 7, Sent: time.Now()}, aSlot())
		require.Equal(t, confirms == 1, w.done, "a single look is the truth")
		require.Len(t, b.left, confirms, "the program says itself that it waits no more: %q", text)
	}
}

// An SMS with its text ends the wait by itself, for all programs.
func TestListWithText(t *testing.T) {
	p, b, w := waitFor(oneAnswer{activations: []*Activation{{ID: 7, Status: StatusSMSReceived, Message: "text"}}})
	p.look(t.Context(), listOfAll(), aSlot())
	require.True(t, w.done)
	require.True(t, b.looked[1].Ended)
	require.Empty(t, b.left)
	a, ok := activationOf(b.looked[1].Data)
	require.True(t, ok)
	require.Equal(t, "text", a.Message)
}

func TestLookThatFails(t *testing.T) {
	for _, c := range []struct {
		err            error
		confirms, left int
		flags          share.Flags
		list           bool
	}{
		{err: errors.New("no answer"), flags: share.Failed},
		{err: ErrUnauthorized, left: 1, flags: share.Failed},
		{err: ErrNotFound, confirms: 1, flags: share.Failed},
		{err: ErrInvalidRequest, flags: share.Failed},
		{err: ErrInvalidRequest, flags: share.Failed | share.Refused | share.List, list: true},
		{err: ErrUnauthorized, flags: share.Failed | share.List, list: true},
	} {
		p, b, w := waitFor(oneAnswer{err: c.err})
		look := poll.Look{ID: 7, Sent: time.Now()}
		if c.list {
			look = listOfAll()
		}
		p.look(t.Context(), look, aSlot())
		require.Equal(t, c.flags, b.looked[0].Flags)
		require.Equal(t, c.confirms, factsOfKind(b.said, share.Confirm), c.err)
		require.Len(t, b.left, c.left)
		require.Equal(t, c.left > 0, w.done)
		if c.confirms > 0 {
			w.deadline = time.Now()
			p.look(t.Context(), look, aSlot())
			require.True(t, w.done, "the second one confirms it")
			require.ErrorIs(t, w.err, ErrExpired)
			require.ErrorIs(t, w.err, c.err)
		}
		if w.done {
			require.False(t, w.fail(c.err))
		}
	}
}

// A look that was decided on when the last wait ended is not sent.
func TestLookForNobody(t *testing.T) {
	p, b, w := waitFor(oneAnswer{})
	p.leave(w)
	require.Equal(t, []int64{7}, b.left)
	follower{p}.Send(poll.Look{ID: 7}, aSlot())
	require.Equal(t, []share.Fact{{Kind: share.Seen, ID: 5, Flags: share.Failed}}, b.looked)
}

// What others have seen counts like a look of one's own.
func TestSightingsOfOthers(t *testing.T) {
	p, b, w := waitFor(oneAnswer{})
	told := func(a *Activation, own bool) {
		data := itemOf(a, sighting{}, true).Data
		follower{p}.Show([]share.Sighting{{Own: own, Sent: time.Now(), Data: data}})
	}
	follower{p}.Show([]share.Sighting{{Sent: time.Now(), Data: []byte("{")}, {Sent: time.Now(), Data: []byte("{}")}})
	told(&Activation{ID: 7, Status: StatusError}, true)
	require.Empty(t, b.said, "its own are known already")
	told(&Activation{ID: 7, Status: StatusError}, false)
	require.Equal(t, []share.Fact{{Kind: share.Confirm, Activation: 7}}, b.said, "one answer alone ends nothing")
	told(&Activation{ID: 7, Status: StatusError}, false)
	require.ErrorIs(t, w.err, ErrActivationFailed)
	require.Equal(t, []int64{7}, b.left)
}
