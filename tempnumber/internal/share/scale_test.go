//go:build check

package share

import (
	"container/heap"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// oldest is the id that nobody waits for any more.
const oldest = 100_000

// crowd is many programs that wait by one key, in virtual time. All of them work out the same State, so there is one.
// It counts what they append and read.
type crowd struct {
	state  *State
	sealer *Sealer
	random *rand.Rand
	now    time.Duration
	events events
	spoken map[uint64]time.Duration
	sms    map[int64]time.Duration // when it comes
	owner  map[int64]uint64
	ids    int64
	slots  uint64
	every  time.Duration // on average, until an SMS comes

	entries, bytes, looks, codes int
	late                         time.Duration // of all codes together
}

type event struct {
	at time.Duration
	do func()
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (c *crowd) after(d time.Duration, do func()) { heap.Push(&c.events, event{c.now + d, do}) }

// say appends an entry as a program does.
func (c *crowd) say(program uint64, facts ...Fact) {
	m := message{program, time.Duration(time.Now().UnixNano()), facts}
	c.entries++
	c.bytes += len(c.sealer.seal("epoch", 0, m.encode()))
	c.spoken[program] = c.now
	c.state.Apply(program, facts, c.now)
}

// newCrowd lets programs begin their waits in the course of a minute. An SMS comes after a while, and then the program
// waits for another.
func newCrowd(programs, waits int, every time.Duration, seed uint64) *crowd {
	sealer, err := NewSealer("offline-key", "https://example.org")
	if err != nil {
		panic(err)
	}
	limits := map[string]Limit{"one": {80, 2 * time.Minute}, "page": {10, time.Minute}}
	c := &crowd{
		state: NewState(begin(), limits, "one", "page"), sealer: sealer, random: rand.New(rand.NewPCG(seed, 1)), every: every,
		spoken: make(map[uint64]time.Duration), sms: make(map[int64]time.Duration), owner: make(map[int64]uint64), ids: oldest,
	}
	for i := range waits {
		program := c.random.Uint64() | 1
		if i >= programs {
			program = c.owner[oldest+int64(i%programs)+1]
		}
		c.ids++
		c.owner[c.ids] = program
		id := c.ids
		c.after(time.Duration(c.random.Int64N(int64(time.Minute))), func() { c.begin(program, id) })
	}
	return c
}

func (c *crowd) begin(program uint64, id int64) {
	if _, known := c.spoken[program]; !known {
		c.after(renewWaits, func() { c.renew(program) })
	}
	c.owner[id] = program
	c.sms[id] = c.now + time.Duration(c.random.ExpFloat64()*float64(c.every))
	c.say(program, Fact{Kind: Wait, Activation: id, For: 20 * time.Minute})
}

// renew says that a program is still there, if it has been silent.
func (c *crowd) renew(program uint64) {
	if silent := c.now - c.spoken[program]; silent < renewWaits {
		c.after(renewWaits-silent, func() { c.renew(program) })
		return
	}
	c.say(program, Fact{Kind: Alive})
	c.after(renewWaits, func() { c.renew(program) })
}

// look lets the program whose turn it is send a look.
func (c *crowd) look() (again time.Duration) {
	look, again := c.state.Next(c.now)
	if again > c.now && look.Sent.IsZero() || len(c.state.joined) == 0 {
		return again
	}
	program := c.state.joined[0]
	if c.state.Turn(c.state.sticky) == 0 && c.state.each[c.state.sticky] > 0 {
		program = c.state.sticky
	}
	c.slots++
	c.looks++
	id, endpoint, sent := c.slots, c.state.endpointOf(look), c.now
	c.say(program, Fact{Kind: Hold, Endpoint: endpoint, ID: id, For: 55 * time.Second}, Fact{Kind: Look, ID: id, Activation: look.ID, Page: look.Page, Size: look.Size})
	c.after(150*time.Millisecond, func() {
		release := Fact{Kind: Release, Endpoint: endpoint, ID: id, Outcome: int(slot.Answered)}
		seen := Fact{Kind: Seen, ID: id, Activation: look.ID, Page: look.Page, Size: look.Size, Age: c.now - sent}
		if !look.IsList() {
			c.say(program, release, seen, c.item(look.ID, sent, 0))
			c.ended(look.ID)
			return
		}
		seen.Flags, seen.Total = List, int(c.ids-oldest)
		facts := []Fact{release, seen}
		for i := range look.Size {
			id := c.ids - int64((look.Page-1)*look.Size+i)
			if id <= oldest {
				break
			}
			row := Row{Activation: id}
			if sms, waits := c.sms[id]; !waits || sms <= sent {
				row.Flags = HasSMS | HadSMS
				if waits {
					facts = append(facts, c.item(id, sent, List))
				}
			}
			facts[1].Rows = append(facts[1].Rows, row)
		}
		c.say(program, facts...)
		for _, f := range facts[2:] {
			c.ended(f.Activation)
		}
	})
	return c.now
}

// item is an activation as a look shows it.
func (c *crowd) item(id int64, sent time.Duration, flags Flags) Fact {
	f := Fact{Kind: Item, Activation: id, Age: c.now - sent, Flags: flags, Data: make([]byte, 400)}
	for i := range f.Data { // as what JSON says of it cannot be packed by much
		f.Data[i] = byte(c.random.IntN(64))
	}
	if sms, waits := c.sms[id]; waits && sms <= sent {
		f.Flags |= HasSMS | HasText
	}
	return f
}

// ended lets a program whose SMS is there wait for another.
func (c *crowd) ended(id int64) {
	sms, waits := c.sms[id]
	if !waits || c.state.Awaited(id) {
		return
	}
	c.codes++
	c.late += c.now - sms
	owner := c.owner[id]
	delete(c.sms, id)
	delete(c.owner, id)
	c.ids++
	c.begin(owner, c.ids)
}

// run lets time pass.
func (c *crowd) run(until time.Duration) {
	again := time.Duration(0)
	for c.now < until {
		next := min(again, until)
		if len(c.events) > 0 && c.events[0].at <= next {
			e := heap.Pop(&c.events).(event)
			c.now = max(c.now, e.at)
			e.do()
		} else {
			c.now = max(c.now, next)
		}
		c.state.Advance(c.now)
		again = max(c.look(), c.now+time.Microsecond)
	}
}

// figures is what a crowd does in a second once all have begun.
type figures struct {
	entries, bytes, requests float64
	late                     time.Duration // how late an SMS is seen on average
	deciding                 time.Duration // what each program computes in a second
}

func measure(t *testing.T, programs, waits int, every time.Duration) (f figures) {
	t.Helper()
	const during = 4 * time.Minute
	c := newCrowd(programs, waits, every, 7)
	c.run(2 * time.Minute)
	before := *c
	c.codes, c.late = 0, 0
	start := time.Now()
	c.run(2*time.Minute + during)
	f.deciding = time.Since(start) / time.Duration(during.Seconds())
	require.Len(t, c.state.joined, programs)
	require.Len(t, c.state.waits, waits)
	seconds := during.Seconds()
	f.entries, f.bytes = float64(c.entries-before.entries)/seconds, float64(c.bytes-before.bytes)/seconds
	f.requests = float64(c.looks-before.looks) / seconds
	if c.codes > 0 {
		f.late = c.late / time.Duration(c.codes)
	}
	t.Logf("%5d programs, %5d waits: %5.1f entries, %6.0f bytes, %4.2f requests in a second; an SMS is seen %v late; each program computes for %v",
		programs, waits, f.entries, f.bytes, f.requests, f.late.Round(100*time.Millisecond), f.deciding.Round(10*time.Microsecond))
	return f
}

// What package sharing tells of sizes that no machine here has.
func TestScale(t *testing.T) {
	few := measure(t, 20, 20, 20*time.Second)
	many := measure(t, 1000, 5000, 10*time.Minute)
	measure(t, 300, 1500, 10*time.Minute)
	measure(t, 2000, 2000, 10*time.Minute)
	require.Less(t, few.entries/few.requests, 4.5, "a request is about three entries, and the waits begin and end")
	require.Less(t, few.bytes, 1000.0)
	require.Less(t, many.entries, 40.0)
	require.Less(t, many.bytes, 15_000.0)
}
