package share

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
)

// service answers the looks of one program, whose activations are 1 … n, each with an SMS at some time.
type service struct {
	to    Coordinator
	sms   map[int64]time.Time
	start time.Time

	mu      sync.Mutex
	looks   []sentLook
	expired []int64
}

type sentLook struct {
	at time.Duration
	id int64
	no int // of the page
}

func (s *service) Show([]Sighting)   {}
func (s *service) Unreachable(error) {}
func (s *service) Expired(ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = append(s.expired, ids...)
}

func (s *service) Send(look poll.Look, l *LookSlot) {
	s.mu.Lock()
	s.looks = append(s.looks, sentLook{time.Since(s.start), look.ID, look.Page})
	s.mu.Unlock()
	if l.Granted != nil {
		l.Granted()
	}
	sent := time.Now()
	time.AfterFunc(150*time.Millisecond, func() {
		l.Outcome = slot.Answered
		seen := Fact{Kind: Seen, ID: l.ID, Activation: look.ID, Page: look.Page, Size: look.Size, Age: time.Since(sent)}
		item := func(id int64, flags Flags) Fact {
			f := Fact{Kind: Item, Activation: id, Age: time.Since(sent), Flags: flags}
			if !s.sms[id].After(sent) {
				f.Flags, f.Ended = f.Flags|HasSMS|HasText, true
			}
			return f
		}
		facts := []Fact{seen, item(look.ID, 0)}
		if look.IsList() {
			seen.Flags, seen.Total = List, len(s.sms)
			facts = []Fact{seen}
		}
		for id := int64(len(s.sms)); id > 0 && look.IsList(); id-- {
			f := item(id, List)
			facts[0].Rows = append(facts[0].Rows, Row{id, f.Flags &^ (List | HasText)})
			facts = append(facts, f)
		}
		s.to.Looked(look, l, facts)
		for _, f := range facts[1:] {
			if f.Flags&HasSMS != 0 {
				s.to.Leave(f.Activation)
			}
		}
	})
}

// A program alone, and the only one of a log, look at the same in the same moments: they decide by the same rules.
func TestAloneDecidesAsPrograms(t *testing.T) {
	for _, waits := range []int{1, 2, 5, 30} {
		run := func(shared bool) (looks []sentLook) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{sms: make(map[int64]time.Time), start: time.Now()}
				var c Coordinator
				if shared {
					var logs sharingtest.Memory
					h := newHub(t, logs.Log("a"))
					h.Follower = s
					c = h
				} else {
					c = &Alone{Follower: s, Limit: func(endpoint string) Limit { return limits()[endpoint] }, Single: "one", List: "page"}
				}
				s.to = c
				random := rand.New(rand.NewPCG(uint64(waits), 7))
				for id := int64(1); id <= int64(waits); id++ {
					s.sms[id] = time.Now().Add(time.Duration(random.ExpFloat64() * float64(20*time.Second)))
				}
				for id := int64(1); id <= int64(waits); id++ {
					c.Join(id, false, 0, 20*time.Minute)
				}
				for id := int64(1); id <= int64(waits); id++ {
					for !func() bool { synctest.Wait(); return !c.Awaited(id) }() {
						time.Sleep(time.Second)
						require.Less(t, time.Since(s.start), 10*time.Minute)
					}
				}
				time.Sleep(time.Minute)
				looks = s.looks
			})
			return looks
		}
		alone, shared := run(false), run(true)
		require.NotEmpty(t, alone)
		require.Len(t, shared, len(alone), "%d waits", waits)
		for i := range alone {
			require.Equal(t, [2]int64{alone[i].id, int64(alone[i].no)}, [2]int64{shared[i].id, int64(shared[i].no)}, "%d waits, look %d", waits, i)
			require.InDelta(t, alone[i].at.Seconds(), shared[i].at.Seconds(), 0.2, "%d waits, look %d", waits, i) // by slots and the log's roundings
		}
	}
}

func newAlone(s *service) *Alone {
	a := &Alone{Follower: s, Limit: func(endpoint string) Limit { return limits()[endpoint] }, Single: "one", List: "page"}
	s.to = a
	return a
}

// What a program alone orders counts for ever, by what it has cost in the end.
func TestOrdersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAlone(&service{start: time.Now()})
		require.False(t, a.Awaited(7))
		var ids []uint64
		for range 5 {
			id, err := a.Order(t.Context(), "", 10, capped(50))
			require.NoError(t, err)
			require.NotContains(t, ids, id)
			ids = append(ids, id)
		}
		_, err := a.Order(t.Context(), "", 10, capped(50))
		require.ErrorIs(t, err, errCap)
		a.Settle(ids[0], 101, 4)
		a.Unknown(ids[1])
		a.Settle(ids[2], 103, 10)
		a.Paid(103, 9)
		a.Paid(103, 0)
		a.Paid(999, 5)
		orders := a.state.ordered(0)
		sum := int64(0)
		for _, o := range orders {
			sum += o.Amount
		}
		require.Equal(t, int64(4+0+0+10+10), sum)
		time.Sleep(2 * orderLife)
		_, err = a.Order(t.Context(), "", 10, capped(24))
		require.ErrorIs(t, err, errCap, "days later too")
		_, err = a.Order(t.Context(), "", 10, capped(25))
		require.NoError(t, err)
	})
}

// A wait ends when its number's time is over, and the looks with it. Its program may also end it.
func TestWaitsAloneEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{start: time.Now(), sms: map[int64]time.Time{1: time.Now().Add(time.Hour), 2: time.Now().Add(time.Hour)}}
		a := newAlone(s)
		a.Join(1, false, 0, time.Minute)
		a.Join(2, false, -1, time.Hour)
		require.True(t, a.Awaited(1))
		time.Sleep(2 * time.Minute)
		require.False(t, a.Awaited(1))
		require.Equal(t, []int64{1}, s.expired)
		require.Equal(t, int64(2), s.looks[len(s.looks)-1].id)
		a.Leave(2)
		a.Flush()
		require.False(t, a.Awaited(2))
		time.Sleep(time.Second)
		n := len(s.looks)
		time.Sleep(10 * time.Minute)
		require.Len(t, s.looks, n)
		require.Equal(t, []int64{1}, s.expired)

		a.Join(2, false, 0, time.Hour)
		a.Say(Fact{Kind: Item, Activation: 2, Flags: HasSMS | HasText})
		require.True(t, a.Awaited(2), "an answer that is older than the wait does not end it")
		a.Say(Fact{Kind: Item, Activation: 2, Flags: HasSMS | HasText, Ended: true})
		require.False(t, a.Awaited(2))
		time.Sleep(time.Minute)
	})
}
