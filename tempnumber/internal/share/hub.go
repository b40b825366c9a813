package share

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

const (
	// timeToSend is how long a slot is good for: a request that is not on its way by then is not sent.
	timeToSend = 5 * time.Second
	// flushTime is how long a caller waits until others know that its slot is given back.
	flushTime = 250 * time.Millisecond
	// renewTicket and renewWaits are how often a program says that it is still there.
	renewTicket, renewWaits = ticketLife / 2, waitLife * 2 / 5
	// compactEvery is after how many entries the log is compacted.
	compactEvery = 1000
	// sayAtMost is how many facts go into one entry.
	sayAtMost = 2000
)

// Config is what a Hub is made of.
type Config struct {
	Open     func(name string) (sharing.Log, error)
	Key      string // the API key
	BaseURL  string
	Follower Follower
	Limits   map[string]Limit
	Single   string        // the endpoint of looks at one activation
	List     string        // and of looks at pages of the history
	Attempt  time.Duration // the longest that one request takes from its slot to the end of its answer
	Logger   *slog.Logger
}

// Hub connects a program with the log that it shares. It has a goroutine while somebody
// waits for a slot or an SMS, or something has yet to be said.
type Hub struct {
	Config
	log    sharing.Log
	sealer *Sealer
	self   uint64
	start  time.Time
	wall   time.Duration // what the machine's clock showed then

	mu       sync.Mutex
	state    *State
	queues   map[string]*slot.Queue
	claims   map[uint64]claim // slots that are asked for
	got      []uint64         // of these, the ones that the log shows
	waits    map[int64]ownWait
	outbox   []Fact
	speaking bool          // a part of the outbox is on its way to the log
	flushed  chan struct{} // closed when the outbox has been said
	looks    int           // looks that are on their way
	lookAt   time.Duration // since when a look is due, below zero for none
	spoken   time.Duration // when the program was last heard of
	running  bool
	stale    bool // the log has more
	woken    chan struct{}
	requests []*request   // orders that wait to be written down
	readers  []chan error // who waits for the log to be read

	cursor    sharing.Cursor
	known     bool          // the log was read before
	logThen   time.Duration // the log's clock then
	localThen time.Duration // and the program's, afterwards
	unread    int           // entries that could not be read
	later     bool          // one was of a later format

	failure
}

// ownWait is a wait of the program, as it was announced.
type ownWait struct {
	fact Fact
	at   time.Duration
}

// claim is a slot that is asked for.
type claim struct {
	endpoint string
	sendBy   time.Time
	look     *poll.Look
}

// NewHub opens the log and returns the hub of one program. It is an *UnreachableError when the log cannot be opened.
func NewHub(c Config) (*Hub, error) {
	sealer, err := NewSealer(c.Key, c.BaseURL)
	if err != nil {
		return nil, err
	}
	log, err := c.Open(sealer.Name())
	if err != nil {
		return nil, &UnreachableError{err}
	}
	h := &Hub{
		Config: c, log: log, sealer: sealer, self: rand.Uint64() | 1, start: time.Now(),
		queues: make(map[string]*slot.Queue), claims: make(map[uint64]claim),
		waits: make(map[int64]ownWait), flushed: make(chan struct{}), woken: make(chan struct{}, 1), lookAt: -1, failure: failure{failing: -1, asked: -1},
	}
	h.wall = time.Duration(h.start.UnixNano())
	h.state = h.newState()
	for endpoint := range c.Limits {
		h.queues[endpoint] = slot.NewShared(h.state.lines[endpoint].slots, h.start, &h.mu, slot.Share{
			Line:   func() int { return h.state.lines[endpoint].ahead(h.self) },
			Wake:   h.wake,
			Return: func(id uint64, outcome slot.Outcome) { h.giveBack(endpoint, id, outcome) },
			Flush:  h.Flush,
			Pause:  func(d time.Duration) { h.say(Fact{Kind: Pause, Endpoint: endpoint, For: d}) },
			Ended:  h.ended,
		})
	}
	return h, nil
}

func (h *Hub) newState() *State { return NewState(h.start, h.Limits, h.Single, h.List) }

// lease is how long after its hold a request can at most be on its way.
func (h *Hub) lease() time.Duration {
	return timeToSend + max(h.Attempt, 30*time.Second) + slot.Linger
}

func (h *Hub) now() time.Duration { return time.Since(h.start) }

// clock returns what the program's own clock shows at a moment: the time that its machine told as it began, and what
// has passed since then, whoever sets the machine's clock.
func (h *Hub) clock(at time.Duration) time.Duration { return h.wall + at }

// Queue returns the queue of those in the program who wait for a slot of an endpoint, in the line of all programs.
// When a context ends there while the log fails or does not answer, the error is an *UnreachableError and the context's.
func (h *Hub) Queue(endpoint string) *slot.Queue { return h.queues[endpoint] }

// Say tells all programs something, soon.
func (h *Hub) Say(facts ...Fact) {
	if len(facts) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.say(facts...)
}

func (h *Hub) say(facts ...Fact) {
	for i := range facts {
		if facts[i].Ended { // all programs see for themselves that it ends all waits for the activation
			h.forget(facts[i].Activation)
		}
	}
	h.outbox = append(h.outbox, facts...)
	h.wake()
}

func (h *Hub) giveBack(endpoint string, id uint64, outcome slot.Outcome) {
	h.say(Fact{Kind: Release, Endpoint: endpoint, ID: id, Outcome: int(outcome)})
}

// said reports whether everything has been said. What the last looks of a program show it says too, because others
// wait for it.
func (h *Hub) said() bool { return len(h.outbox) == 0 && (len(h.waits) > 0 || h.looks == 0) }

// Flush waits until what was said is in the log, but not for long. The program may end right after it: what its
// looks have shown must be in the log by then, and their slots be given back.
func (h *Hub) Flush() {
	h.mu.Lock()
	flushed, said := h.flushed, h.said() && !h.speaking
	h.mu.Unlock()
	if said {
		return
	}
	timer := time.NewTimer(flushTime)
	defer timer.Stop()
	select {
	case <-flushed:
	case <-timer.C:
	}
}

// Join announces a wait. seen is how long ago its activation was seen, below zero for never.
func (h *Hub) Join(id int64, special bool, seen, left time.Duration) {
	f := waitFact(id, special, seen, left)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waits[id] = ownWait{f, h.now()}
	h.outbox = append(h.outbox, f)
	h.wake()
}

func waitFact(id int64, special bool, seen, left time.Duration) Fact {
	f := Fact{Kind: Wait, Activation: id, For: left, Age: max(seen, 0)}
	if special {
		f.Flags |= Special
	}
	if seen < 0 {
		f.Flags |= Failed
	}
	return f
}

// Leave ends the program's wait for an activation, and lets the others know soon.
func (h *Hub) Leave(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, waits := h.waits[id]; !waits {
		return
	}
	h.forget(id)
	if h.state.Waits(h.self, id) {
		h.outbox = append(h.outbox, Fact{Kind: End, Activation: id})
	}
	h.wake()
}

// forget drops a wait of the program, also one that was not announced yet.
func (h *Hub) forget(id int64) {
	delete(h.waits, id)
	h.outbox = slices.DeleteFunc(h.outbox, func(f Fact) bool { return f.Kind == Wait && f.Activation == id })
}

// Awaited reports whether a program is known to wait for an activation.
func (h *Hub) Awaited(id int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Awaited(id)
}

// Looked tells what a look has shown, and gives its slot back.
func (h *Hub) Looked(look poll.Look, s *LookSlot, facts []Fact) {
	h.mu.Lock()
	h.looks--
	release := Fact{Kind: Release, Endpoint: h.state.endpointOf(look), ID: s.ID, Outcome: int(s.Outcome)}
	h.say(append([]Fact{release}, facts...)...)
	h.mu.Unlock()
}
