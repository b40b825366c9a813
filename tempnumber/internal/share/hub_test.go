package share

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
)

func newHub(t testing.TB, log sharing.Log) *Hub {
	t.Helper()
	h, err := NewHub(Config{
		Open: func(string) (sharing.Log, error) { return log, nil }, Key: "offline-key", BaseURL: "https://example.org",
		Limits: limits(), Single: "one", List: "page", Attempt: 30 * time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return h
}

// take takes a slot of a limit and returns when the program has it.
func take(t *testing.T, h *Hub, endpoint string) *slot.Slot {
	t.Helper()
	s, err := h.Queue(endpoint).Acquire(t.Context(), false)
	require.NoError(t, err)
	return s
}

// fill uses up the limit of ten pages in a minute, all by one program.
func fill(t *testing.T, h *Hub) {
	t.Helper()
	for range 10 {
		take(t, h, "page").Release(slot.Answered)
	}
}

// What was held before a loss is not known, so nothing is sent until none of it can count any more.
func TestLossCloses(t *testing.T) {
	for i := range 4 {
		newcomer, jumps := i%2 == 1, i > 1
		synctest.Test(t, func(t *testing.T) {
			var logs sharingtest.Memory
			h := newHub(t, logs.Log("a"))
			fill(t, h)
			logs.Log("a").Forget()
			start := time.Now()
			if newcomer {
				other := newHub(t, logs.Log("a"))
				other.Say(Fact{Kind: Alive})
				other.Flush()
				h = newHub(t, logs.Log("a"))
			}
			if jumps { // the log's clock too
				logs.Log("a").Skew(time.Hour)
			}
			var told strings.Builder
			h.Logger = slog.New(slog.NewTextHandler(&told, nil))
			take(t, h, "page").Release(slot.NotSent)
			require.Equal(t, 1, strings.Count(told.String(), "was lost"))
			require.GreaterOrEqual(t, time.Since(start), h.lease()+time.Minute)
			require.Less(t, time.Since(start), h.lease()+time.Minute+time.Second)
		})
	}
}

// The clock of a log may jump either way. The program's own bounds what that can free, and nothing waits for ever.
func TestClockOfLogJumps(t *testing.T) {
	for _, jump := range []time.Duration{2 * time.Minute, 10 * time.Second, -10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var logs sharingtest.Memory
			one, two := newHub(t, logs.Log("a")), newHub(t, logs.Log("a"))
			take(t, two, "page").Release(slot.Answered)
			for range 9 {
				take(t, one, "page").Release(slot.Answered)
			}
			start := time.Now()
			logs.Log("a").Skew(jump)
			var all sync.WaitGroup
			for _, h := range []*Hub{one, two} {
				all.Go(func() {
					take(t, h, "page")
					require.GreaterOrEqual(t, time.Since(start), time.Minute, "%v", jump)
					require.Less(t, time.Since(start), time.Minute+2*max(jump, -jump)+time.Second)
				})
			}
			all.Wait()
		})
	}
}

// Where a machine's clock is behind, what programs that begin there read seems new to them. They wait, but
// for a window at most.
func TestClockOfNewcomerIsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		fill(t, newHub(t, logs.Log("a")))
		time.Sleep(time.Hour)
		newcomer := newHub(t, logs.Log("a"))
		newcomer.wall -= 2 * time.Hour
		start := time.Now()
		take(t, newcomer, "page").Release(slot.Answered)
		require.InDelta(t, 60, time.Since(start).Seconds(), 1)
		start = time.Now()
		take(t, newcomer, "page")
		require.Less(t, time.Since(start), time.Second)
	})
}

// A program that begins after the log's clock was set forward knows by the clocks of others how old an entry is: by
// that of its own machine, and, where that was set as well, by that of a program which said something before and after.
func TestClockOfLogJumpedBefore(t *testing.T) {
	for _, c := range []struct {
		jump           time.Duration
		witness, moved bool // the clock of the newcomer's machine was set as well
		snapshot       bool
	}{
		{jump: 10 * time.Second},
		{jump: 2 * time.Hour},
		{jump: 10 * time.Second, witness: true, moved: true},
		{jump: 2 * time.Hour, witness: true, moved: true},
		{jump: 2 * time.Hour, witness: true, moved: true, snapshot: true},
		{jump: 10 * time.Second, snapshot: true},
		{jump: -10 * time.Second},
		{},
	} {
		synctest.Test(t, func(t *testing.T) {
			var logs sharingtest.Memory
			old := newHub(t, logs.Log("a"))
			fill(t, old)
			start := time.Now()
			if c.snapshot {
				for n, _ := logs.Log("a").Appends(); n < compactEvery; n++ {
					old.Say(Fact{Kind: Alive})
					old.Flush()
				}
			}
			time.Sleep(10 * time.Second)
			logs.Log("a").Skew(c.jump)
			if c.witness {
				old.Say(Fact{Kind: Alive})
				old.Flush()
			}
			time.Sleep(10 * time.Second)
			newcomer := newHub(t, logs.Log("a"))
			if c.moved {
				newcomer.wall += c.jump
			}
			take(t, newcomer, "page")
			require.GreaterOrEqual(t, time.Since(start), time.Minute, "%+v", c)
			require.Less(t, time.Since(start), time.Minute+2*max(-c.jump, 0)+time.Second, "%+v", c)
		})
	}
}

// Many programs want the same slots in the same moment, and no more get one than there are.
func TestNoTwoProgramsHaveOneSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		start := time.Now()
		var mu sync.Mutex
		var when []time.Duration
		var all sync.WaitGroup
		for range 12 {
			h := newHub(t, slow{logs.Log("a"), 5 * time.Millisecond})
			for range 2 {
				all.Go(func() {
					s := take(t, h, "page")
					mu.Lock()
					when = append(when, time.Since(start))
					mu.Unlock()
					time.Sleep(time.Second)
					s.Release(slot.Answered)
				})
			}
		}
		all.Wait()
		require.Len(t, when, 24)
		for i := range when[10:] {
			require.Greater(t, when[10+i]-when[i], time.Minute, "at most ten in any window")
		}
	})
}

// slow is a log whose answers take time, in which others go on.
type slow struct {
	sharing.Log
	takes time.Duration
}

func (l slow) Read(ctx context.Context, after sharing.Cursor) (sharing.View, error) {
	v, err := l.Log.Read(ctx, after)
	time.Sleep(l.takes)
	return v, err
}

func (l slow) Append(ctx context.Context, a sharing.Append) (sharing.View, error) {
	time.Sleep(l.takes)
	v, err := l.Log.Append(ctx, a)
	time.Sleep(l.takes)
	return v, err
}

// A slot whose entry took so long that its time to be sent is over is given back and asked for anew.
func TestSlotThatComesLateIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		stands := &standing{Log: logs.Log("a")}
		h := newHub(t, stands)
		take(t, h, "page").Release(slot.NotSent)
		stands.next = timeToSend
		start := time.Now()
		s := take(t, h, "page")
		require.GreaterOrEqual(t, time.Since(start), timeToSend)
		require.Greater(t, time.Until(s.SendBy), timeToSend-time.Second, "another slot, which is fresh")
		status, err := newHub(t, logs.Log("a")).Status(t.Context())
		require.NoError(t, err)
		require.Equal(t, 9, status.Limits[1].Free, "the first one was given back")
		s.Release(slot.NotSent)
	})
}

// standing lets one answer come late, as where the program was stopped meanwhile.
type standing struct {
	sharing.Log
	next time.Duration
}

func (l *standing) Append(ctx context.Context, a sharing.Append) (sharing.View, error) {
	v, err := l.Log.Append(ctx, a)
	if a.Test && l.next > 0 {
		time.Sleep(l.next)
		l.next = 0
	}
	return v, err
}

// An entry whose answer was lost is found in the log, and its slot is used or given back.
func TestAnswerOfLogIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		log := logs.Log("a")
		h := newHub(t, log)
		take(t, h, "page").Release(slot.NotSent)
		log.Fail(errors.New("the answer is lost"), true)
		time.AfterFunc(time.Second, func() { log.Fail(nil, false) })
		s := take(t, h, "page")
		time.Sleep(2 * time.Second)
		status, err := h.Status(t.Context())
		require.NoError(t, err)
		require.Equal(t, 9, status.Limits[1].Free)
		s.Release(slot.NotSent)
		status, err = h.Status(t.Context())
		require.NoError(t, err)
		require.Equal(t, 10, status.Limits[1].Free)
	})
}

func TestPauseOfOneProgramHoldsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		one, two := newHub(t, logs.Log("a")), newHub(t, logs.Log("a"))
		take(t, two, "page").Release(slot.Answered)
		one.Queue("page").Pause(30 * time.Second)
		start := time.Now()
		time.Sleep(time.Second)
		take(t, two, "page").Release(slot.Answered)
		require.InDelta(t, 30, time.Since(start).Seconds(), 0.1)
	})
}

// Each program makes what it knows a snapshot now and then, and a newcomer knows the same by it.
func TestLogIsCompacted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		log := logs.Log("a")
		h := newHub(t, log)
		for range 5 {
			take(t, h, "page").Release(slot.Answered)
		}
		wait := message{77, 0, []Fact{{Kind: Wait, Activation: 7, For: time.Hour}}}.encode()
		_, err := log.Append(t.Context(), sharing.Append{After: h.cursor, Data: h.sealer.seal("1", 0, wait)})
		require.NoError(t, err)
		_, err = h.Order(t.Context(), "a/us", 30, func([]Ordered) error { return nil })
		require.NoError(t, err)
		before, _ := log.Appends()
		for n := before; n < compactEvery; n, _ = log.Appends() {
			require.Greater(t, len(log.Data()), n-1, "not yet")
			h.Say(Fact{Kind: Confirm, Activation: 7})
			h.Flush()
		}
		synctest.Wait()
		require.Len(t, log.Data(), 1, "the snapshot alone is left")
		time.Sleep(time.Second)

		newcomer := newHub(t, log)
		got, err := newcomer.Status(t.Context())
		require.NoError(t, err)
		want, err := h.Status(t.Context())
		require.NoError(t, err)
		require.Equal(t, want.Limits, got.Limits)
		require.Equal(t, 5, got.Limits[1].Free)
		require.Equal(t, want.Waits, got.Waits)
		require.Equal(t, h.state.ordered(h.now()), newcomer.state.ordered(newcomer.now()))
		require.Zero(t, got.Unread)
	})
}

// A snapshot is made by who has appended the entry, and what it says counts from the moment of that entry.
func TestSnapshotOfHub(t *testing.T) {
	var logs sharingtest.Memory
	h := newHub(t, logs.Log("a"))
	h.localThen = 100 * time.Second
	h.cursor = sharing.Cursor{Epoch: "e", Position: 2 * compactEvery}
	h.state.Apply(5, []Fact{{Kind: Hold, Endpoint: "page", ID: 1, For: time.Minute}}, 90*time.Second)
	h.state.Apply(6, []Fact{{Kind: Ticket, Endpoint: "page"}}, 95*time.Second)
	view := func(position int64, appended bool, now time.Duration) sharing.View {
		return sharing.View{
			Epoch: sharing.Epoch{ID: "e"}, Now: now, Appended: appended,
			Entries: []sharing.Entry{{Position: position - 1, At: 40 * time.Second}, {Position: position, At: 47 * time.Second}},
		}
	}
	require.Nil(t, h.snapshot(view(2*compactEvery, false, 50*time.Second)), "another has appended it")
	require.Nil(t, h.snapshot(view(2*compactEvery+1, true, 50*time.Second)))
	require.Nil(t, h.snapshot(sharing.View{Appended: true}))
	for now, at := range map[time.Duration]time.Duration{50 * time.Second: 97 * time.Second, 46 * time.Second: 100 * time.Second} {
		s := h.snapshot(view(2*compactEvery, true, now))
		require.NotNil(t, s)
		require.Equal(t, h.cursor, s.UpTo)
		require.Equal(t, 47*time.Second, s.At)
		messages, err := h.openSnapshot(sharing.View{Epoch: sharing.Epoch{ID: "e"}, Snapshot: s})
		require.NoError(t, err)
		require.Equal(t, []message{
			{h.self, h.clock(at).Truncate(round), nil},
			{0, 0, []Fact{{Kind: Hold, Endpoint: "page", ID: 1, For: 90*time.Second + time.Minute - at}}},
			{6, 0, []Fact{{Kind: Ticket, Endpoint: "page", Age: at - 95*time.Second}}},
		}, messages)
		_, err = h.openSnapshot(sharing.View{Epoch: sharing.Epoch{ID: "another"}, Snapshot: s})
		require.ErrorIs(t, err, errSealed)
	}
	for _, b := range [][]byte{{0x80}, {20, 1, 2, 3}, {4, 1, 2, 3}, append([]byte{3}, 1, 2, 3), append([]byte{20}, make([]byte, 20)...)} {
		_, err := h.openSnapshot(sharing.View{Epoch: sharing.Epoch{ID: "e"}, Snapshot: &sharing.Snapshot{Data: h.sealer.seal("e", snapshotFence, b)}})
		require.ErrorIs(t, err, errMalformed, "%v", b)
	}
}

// A snapshot that cannot be read, as of a later version, closes everything: what it held is not known.
func TestSnapshotThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		log := logs.Log("a")
		h := newHub(t, log)
		take(t, h, "page").Release(slot.Answered)
		v, err := log.Read(t.Context(), sharing.Cursor{})
		require.NoError(t, err)
		require.NoError(t, log.Compact(t.Context(), sharing.Snapshot{UpTo: v.Cursor(sharing.Cursor{}), At: v.Now, Data: []byte("of a later version")}))
		newcomer := newHub(t, log)
		status, err := newcomer.Status(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, status.Unread)
		start := time.Now()
		take(t, newcomer, "page").Release(slot.NotSent)
		require.GreaterOrEqual(t, time.Since(start), newcomer.lease())
	})
}

// Entries of who has not the key are left out and counted.
func TestEntriesThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		log := logs.Log("a")
		h := newHub(t, log)
		_, err := h.Status(t.Context())
		require.NoError(t, err)
		for _, data := range [][]byte{h.sealer.seal("1", 0, []byte{format}), h.sealer.seal("2", 0, message{program: 7}.encode()), []byte("garbage"), nil} {
			v, err := log.Append(t.Context(), sharing.Append{After: h.cursor, Data: data})
			require.NoError(t, err)
			require.True(t, v.Appended)
		}
		status, err := h.Status(t.Context())
		require.NoError(t, err)
		require.Equal(t, 4, status.Unread)
		require.Equal(t, 10, status.Limits[1].Free)
		require.Zero(t, status.Limits[1].Closed)
		require.Empty(t, status.Programs)
		take(t, h, "page").Release(slot.NotSent)
	})
}

// What a program of a later format holds is not known, so nothing is sent beside it.
func TestEntriesOfLaterVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		log := logs.Log("a")
		h := newHub(t, log)
		var told strings.Builder
		h.Logger = slog.New(slog.NewTextHandler(&told, nil))
		_, err := h.Status(t.Context())
		require.NoError(t, err)
		later := message{77, 0, []Fact{{Kind: Hold, Endpoint: "page", ID: 1, For: time.Minute}}}.encode()
		later[0] = format + 1
		for range 2 {
			_, err := log.Append(t.Context(), sharing.Append{After: h.cursor, Data: h.sealer.seal("1", 0, later)})
			require.NoError(t, err)
		}
		start := time.Now()
		status, err := h.Status(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, status.Unread)
		require.Equal(t, h.lease()+60*time.Second+60*time.Millisecond, status.Limits[1].Closed)
		require.Equal(t, 1, strings.Count(told.String(), "later version"), "said once")
		take(t, h, "page").Release(slot.NotSent)
		require.Equal(t, h.lease()+60*time.Second+60*time.Millisecond, time.Since(start))
	})
}

// A log that never answers ends calls whose context does not end, and not by the error of a context.
func TestLogThatNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, silent{})
		start := time.Now()
		_, err := h.Queue("page").Acquire(t.Context(), false)
		var unreachable *UnreachableError
		require.ErrorAs(t, err, &unreachable)
		require.ErrorIs(t, err, sharing.ErrBusy)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "not answered within 5s")
		require.Less(t, time.Since(start), slotPatience+2*exchangeTime)
		_, err = h.Order(t.Context(), "a/us", 1, func([]Ordered) error { return nil })
		require.ErrorAs(t, err, &unreachable)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(time.Minute)
	})
}

// On a disk that is full the log can be read all the same. Calls end by the reason, however long their contexts are,
// and go on when there is room again.
func TestLogThatCanOnlyBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		broken := errors.New("no room")
		full := &readOnly{Log: logs.Log("a"), err: broken}
		h := newHub(t, full)
		for range 2 {
			start := time.Now()
			_, err := h.Queue("page").Acquire(t.Context(), false)
			var unreachable *UnreachableError
			require.ErrorAs(t, err, &unreachable)
			require.ErrorIs(t, err, broken)
			require.Less(t, time.Since(start), slotPatience+2*time.Second)
			for patience := time.Millisecond; patience < 3*time.Second; patience *= 3 {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				start := time.Now()
				_, err = h.Queue("page").Acquire(ctx, false)
				cancel()
				require.ErrorAs(t, err, &unreachable, "%v", patience)
				require.LessOrEqual(t, time.Since(start), patience)
				time.Sleep(time.Minute)
			}
		}
		_, err := h.Status(t.Context())
		require.NoError(t, err)
		time.AfterFunc(3*time.Second, func() { full.set(nil) })
		take(t, h, "page").Release(slot.Answered)
		full.set(broken)
		time.AfterFunc(4*time.Second, func() { full.set(nil) })
		take(t, h, "page").Release(slot.Answered)
	})
}

// Failures far apart are no long one.
func TestFailuresApart(t *testing.T) {
	h := newHub(t, nil)
	broken := errors.New("broken")
	h.fails(broken, false, time.Second, 2*time.Second)
	h.fails(broken, false, 3*time.Second, 4*time.Second)
	require.Equal(t, time.Second, h.failing)
	h.fails(broken, true, 4*time.Second+slotPatience, 5*time.Second+slotPatience)
	require.Equal(t, 4*time.Second+slotPatience, h.failing)
	require.True(t, h.unsaid)
}

// readOnly is a log that cannot be appended to.
type readOnly struct {
	sharing.Log
	mu  sync.Mutex
	err error
}

func (l *readOnly) set(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

func (l *readOnly) Append(ctx context.Context, a sharing.Append) (sharing.View, error) {
	l.mu.Lock()
	err := l.err
	l.mu.Unlock()
	if err != nil {
		return sharing.View{}, err
	}
	return l.Log.Append(ctx, a)
}

// silent is a log that another program holds.
type silent struct{ sharing.Log }

func (silent) Read(ctx context.Context, _ sharing.Cursor) (sharing.View, error) {
	<-ctx.Done()
	return sharing.View{}, fmt.Errorf("%w: %w", sharing.ErrBusy, ctx.Err())
}

// A call whose context ends while the log owes an answer says so.
func TestLogThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		h := newHub(t, slow{logs.Log("a"), 2 * time.Second})
		for _, test := range []struct {
			patience time.Duration
			told     bool
		}{{slowAnswer - 1, false}, {slowAnswer, true}, {time.Second, true}} {
			for name, do := range map[string]func(ctx context.Context) error{
				"acquire": func(ctx context.Context) error { _, err := h.Queue("page").Acquire(ctx, false); return err },
				"order": func(ctx context.Context) error {
					_, err := h.Order(ctx, "a/us", 1, func([]Ordered) error { return nil })
					return err
				},
				"status": func(ctx context.Context) error { _, err := h.Status(ctx); return err },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				start := time.Now()
				err := do(ctx)
				cancel()
				require.ErrorIs(t, err, context.DeadlineExceeded, name)
				require.Equal(t, test.patience, time.Since(start), name)
				var unreachable *UnreachableError
				require.Equal(t, test.told, errors.As(err, &unreachable), name)
				if test.told {
					require.ErrorContains(t, err, fmt.Sprintf("it has not answered for %v", test.patience))
				}
				time.Sleep(time.Minute)
			}
		}
	})
}

func TestStatusWhileLogFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		h := newHub(t, logs.Log("a"))
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := newHub(t, slow{logs.Log("a"), time.Second}).Status(ended)
		require.ErrorIs(t, err, context.Canceled)
		var unreachable *UnreachableError
		require.NotErrorAs(t, err, &unreachable, "the log may well be there")
		broken := errors.New("the disk is full")
		logs.Log("a").Fail(broken, false)
		start := time.Now()
		_, err = h.Status(t.Context())
		require.ErrorAs(t, err, &unreachable)
		require.ErrorIs(t, err, broken)
		require.Less(t, time.Since(start), slotPatience+2*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = newHub(t, logs.Log("a")).Status(ctx)
		require.ErrorAs(t, err, &unreachable)
		require.Equal(t, time.Second, time.Since(start))
		logs.Log("a").Fail(nil, false)
		_, err = h.Status(t.Context())
		require.NoError(t, err)
		time.Sleep(time.Minute) // until the others have noticed
	})
}

var errCap = errors.New("the cap is reached")

// capped refuses orders beyond an amount.
func capped(most int64) func(before []Ordered) error {
	return func(before []Ordered) error {
		left := most
		for _, o := range before {
			left -= o.Amount
		}
		if left <= 0 {
			return errCap
		}
		return nil
	}
}

// Programs that order in the same moment each know of all orders before.
func TestOrdersOfPrograms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		var mu sync.Mutex
		ids := make(map[uint64]*Hub)
		var all sync.WaitGroup
		for range 8 {
			h := newHub(t, slow{logs.Log("a"), 5 * time.Millisecond})
			for range 2 {
				all.Go(func() {
					id, err := h.Order(t.Context(), "", 10, capped(50))
					if err != nil {
						require.ErrorIs(t, err, errCap)
						return
					}
					mu.Lock()
					ids[id] = h
					mu.Unlock()
				})
			}
		}
		all.Wait()
		require.Len(t, ids, 5)

		// What has bought nothing, or was refunded, counts no more.
		activation := int64(100)
		for id, h := range ids {
			if activation++; activation == 101 {
				h.Settle(id, 0, 0)
			} else {
				h.Settle(id, activation, 10)
			}
		}
		another := newHub(t, logs.Log("a"))
		for range 2 {
			_, err := another.Order(t.Context(), "", 10, capped(50))
			if err != nil {
				require.ErrorIs(t, err, errCap)
			}
		}
		before, _ := logs.Log("a").Appends()
		another.Paid(999, 0)
		time.Sleep(time.Second)
		after, _ := logs.Log("a").Appends()
		require.Equal(t, before, after, "nobody has ordered that")
		another.Paid(102, 0)
		synctest.Wait()
		another.Paid(102, 0)
		time.Sleep(time.Second)
		after, _ = logs.Log("a").Appends()
		require.Equal(t, before+1, after, "once is enough")
		_, err := newHub(t, logs.Log("a")).Order(t.Context(), "", 10, capped(50))
		require.NoError(t, err)
	})
}

// An order that nobody waits for any more is not written down, or is said to be over.
func TestOrderIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		h := newHub(t, slow{logs.Log("a"), time.Second})
		for _, patience := range []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 2500 * time.Millisecond, 3500 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_, err := h.Order(ctx, "a/us", 10, func([]Ordered) error { return nil })
			cancel()
			if err != nil {
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
			time.Sleep(time.Minute)
			for _, o := range newestFirst(t, &logs) {
				require.Equal(t, err != nil, o.Settled, "%v", patience)
				if err != nil {
					require.Zero(t, o.Amount)
				}
				break
			}
		}
	})
}

// Who gives up while the log is still read does not end the orders of others.
func TestOrderIsGivenUpBeforeOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		h := newHub(t, slow{logs.Log("a"), 2 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			_, err := h.Order(ctx, "a/us", 1, func([]Ordered) error { return nil })
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
		all.Go(func() {
			_, err := h.Order(t.Context(), "b/us", 2, func([]Ordered) error { return nil })
			require.NoError(t, err)
		})
		all.Wait()
		time.Sleep(time.Minute)
		orders := newestFirst(t, &logs)
		require.Len(t, orders, 1)
		require.Equal(t, "b/us", orders[0].Pair)
	})
}

// newestFirst returns the orders of a log.
func newestFirst(t *testing.T, logs *sharingtest.Memory) []Ordered {
	t.Helper()
	h := newHub(t, logs.Log("a"))
	_, err := h.Status(t.Context())
	require.NoError(t, err)
	orders := h.state.ordered(h.now())
	for i := range orders {
		for j := range orders[:i] {
			if orders[i].Age < orders[j].Age {
				orders[i], orders[j] = orders[j], orders[i]
			}
		}
	}
	return orders
}

func TestOrderWhileLogFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs sharingtest.Memory
		h := newHub(t, logs.Log("a"))
		broken := errors.New("the disk is full")
		logs.Log("a").Fail(broken, false)
		start := time.Now()
		_, err := h.Order(t.Context(), "a/us", 10, func([]Ordered) error { return nil })
		var unreachable *UnreachableError
		require.ErrorAs(t, err, &unreachable)
		require.Less(t, time.Since(start), slotPatience+2*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = newHub(t, logs.Log("a")).Order(ctx, "a/us", 10, func([]Ordered) error { return nil })
		require.ErrorAs(t, err, &unreachable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, fmt.Sprint(broken))
		logs.Log("a").Fail(nil, false)
		_, err = h.Order(t.Context(), "a/us", 10, func([]Ordered) error { return nil })
		require.NoError(t, err)
		time.Sleep(time.Minute) // until the other has noticed
	})
}

// looker keeps the looks that it is to send.
type looker struct {
	look poll.Look
	slot *LookSlot
}

func (l *looker) Send(look poll.Look, s *LookSlot) { l.look, l.slot = look, s }

func (*looker) Show([]Sighting)   {}
func (*looker) Expired([]int64)   {}
func (*looker) Unreachable(error) {}

// What the last looks of a program show is told to the others before it ends, if it comes soon.
func TestFlushWaitsForLooks(t *testing.T) {
	for answer, want := range map[time.Duration]time.Duration{100 * time.Millisecond: 100 * time.Millisecond, time.Second: flushTime} {
		synctest.Test(t, func(t *testing.T) {
			var logs sharingtest.Memory
			h := newHub(t, logs.Log("a"))
			var sent looker
			h.Follower = &sent
			h.Join(7, false, -1, time.Hour)
			synctest.Wait()
			require.NotNil(t, sent.slot)
			start := time.Now()
			h.Flush()
			require.Zero(t, time.Since(start), "while it waits itself it will tell them")
			time.AfterFunc(answer, func() { h.Looked(sent.look, sent.slot, []Fact{{Kind: Seen, ID: sent.slot.ID, Activation: 7}}) })
			h.Leave(7)
			h.Flush()
			require.Equal(t, want, time.Since(start))
			time.Sleep(time.Second)
		})
	}
}
