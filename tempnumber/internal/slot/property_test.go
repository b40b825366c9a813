package slot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// story is a queue and everything that happens to it.
type story struct {
	n, reserve int
	window     time.Duration
	callers    []*caller
	pauses     []pause
	drift      time.Duration // by how much the server's window is longer than it should be
}

// caller is one caller's plan, and what came of it.
type caller struct {
	background bool
	comes      time.Duration // when it asks for a slot
	leaves     time.Duration // when it is cancelled, or never
	deadline   time.Duration // its deadline, or never
	outcome    Outcome
	arrives    time.Duration // from the grant to the arrival at the server, or never
	takes      time.Duration // from the grant to the release

	err     error
	ended   time.Duration // when Acquire returned
	granted bool
}

type pause struct{ at, until time.Duration }

func (c *caller) released() time.Duration { return c.ended + c.takes }

// frees is when the caller's slot is free again.
func (s *story) frees(c *caller) time.Duration {
	switch c.outcome {
	case NotSent:
		return c.released()
	case Answered:
		return c.released() + s.window + s.window/1000
	default:
		return c.released() + s.window + s.window/1000 + Linger
	}
}

func drawStory(t *rapid.T) *story {
	moment := func(longest time.Duration, name string) time.Duration {
		return time.Duration(rapid.Int64Range(0, longest.Milliseconds()).Draw(t, name)) * time.Millisecond
	}
	window := time.Duration(rapid.IntRange(1, 60).Draw(t, "window")) * time.Second
	s := &story{n: rapid.IntRange(1, 8).Draw(t, "n"), window: window}
	s.reserve = rapid.IntRange(0, s.n-1).Draw(t, "reserve")
	s.drift = window / 1000 * time.Duration(rapid.IntRange(0, 9).Draw(t, "drift")) / 10
	length := time.Duration(rapid.IntRange(0, 4).Draw(t, "length")) * window
	for range rapid.IntRange(1, 40).Draw(t, "callers") {
		c := &caller{
			background: rapid.Bool().Draw(t, "background"),
			comes:      moment(length, "comes"),
			leaves:     never,
			deadline:   never,
			outcome:    rapid.SampledFrom([]Outcome{Answered, Answered, Answered, NotSent, NoAnswer}).Draw(t, "outcome"),
		}
		there, back := moment(2*time.Second, "there"), moment(2*time.Second, "back")
		c.takes, c.arrives = there+back, there
		switch c.outcome {
		case NotSent:
			c.arrives = never
		case NoAnswer:
			c.arrives = moment(c.takes+Linger, "arrives")
		}
		switch rapid.IntRange(0, 9).Draw(t, "patience") {
		case 0:
			c.leaves = c.comes + moment(2*window, "leaves")
		case 1:
			c.deadline = c.comes + moment(2*window, "deadline")
		}
		s.callers = append(s.callers, c)
	}
	for i := range rapid.IntRange(-3, 3).Draw(t, "pauses") {
		// Never in the same moment as a grant, so that it is clear which came first.
		at := moment(length, "pause") + time.Duration(i+1)*time.Microsecond
		s.pauses = append(s.pauses, pause{at, at + time.Millisecond + moment(window, "for")})
	}
	slices.SortFunc(s.pauses, func(a, b pause) int { return cmp.Compare(a.at, b.at) })
	for i := 1; i < len(s.pauses); i++ {
		s.pauses[i].until = max(s.pauses[i].until, s.pauses[i-1].until)
	}
	return s
}

// play lets the story happen and returns what is wrong with it.
func (s *story) play() (faults []error) {
	q := New(s.n, s.window, WithReserve(s.reserve))
	start := time.Now()
	var mu sync.Mutex
	var arrivals []time.Duration
	var everyone sync.WaitGroup
	for _, c := range s.callers {
		everyone.Go(func() {
			time.Sleep(c.comes)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if c.deadline < never {
				ctx, cancel = context.WithDeadline(ctx, start.Add(c.deadline))
				defer cancel()
			}
			if c.leaves < never {
				defer time.AfterFunc(c.leaves-c.comes, cancel).Stop()
			}
			granted, err := q.Acquire(ctx, c.background)
			c.err, c.granted, c.ended = err, err == nil, time.Since(start)
			if err != nil {
				return
			}
			if c.arrives < never {
				time.AfterFunc(c.arrives, func() {
					mu.Lock()
					defer mu.Unlock()
					arrivals = append(arrivals, time.Since(start))
				})
			}
			time.Sleep(c.takes)
			granted.Release(c.outcome)
		})
	}
	for _, p := range s.pauses {
		everyone.Go(func() {
			time.Sleep(p.at)
			q.Pause(p.until - p.at)
		})
	}
	everyone.Wait()
	time.Sleep(time.Hour)

	if state := q.State(); state.Free != s.n || state.Waiting != 0 || q.alarm.set {
		faults = append(faults, fmt.Errorf("not at rest: %+v", state))
	}
	mu.Lock()
	defer mu.Unlock()
	for i := s.n; i < len(arrivals); i++ {
		if arrivals[i]-arrivals[i-s.n] <= s.window+s.drift {
			faults = append(faults, fmt.Errorf("%d arrivals from %v to %v", s.n+1, arrivals[i-s.n], arrivals[i]))
		}
	}
	return append(faults, s.judge()...)
}

// judge looks at who was granted a slot, and when.
func (s *story) judge() (faults []error) {
	fault := func(c *caller, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%+v: %s", *c, fmt.Sprintf(format, args...)))
	}
	for _, c := range s.callers {
		var late *LateError
		switch {
		case c.granted:
			if c.ended > min(c.leaves, c.deadline) {
				fault(c, "granted after it left")
			}
			if c.ended > c.comes && !s.busy(c) {
				fault(c, "waited while a slot was free for it")
			}
			if c.background && s.taken(c.ended, c) >= s.n-s.reserve {
				fault(c, "took a slot of the reserve")
			}
		case errors.As(c.err, &late):
			if c.ended+late.Wait < c.deadline {
				fault(c, "turned away though its slot comes in time")
			}
		case errors.Is(c.err, context.DeadlineExceeded):
			if c.ended != c.deadline && c.comes != c.deadline {
				fault(c, "turned away at the wrong time")
			}
		case c.ended != c.leaves:
			fault(c, "failed without a reason")
		}
		for _, other := range s.callers {
			if c.granted && other.granted && c.background == other.background && c.comes < other.comes && c.ended > other.ended {
				fault(c, "overtaken by %+v", *other)
			}
		}
	}
	return append(faults, s.judgePauses()...)
}

// taken counts the slots that are taken at a moment, those not counted that are
// taken in this very moment.
func (s *story) taken(at time.Duration, but *caller) int {
	taken := 0
	for _, c := range s.callers {
		if c != but && c.granted && c.ended < at && s.frees(c) > at {
			taken++
		}
	}
	return taken
}

// busy reports whether there was nothing to be had for the caller just before its
// slot was granted.
func (s *story) busy(c *caller) bool {
	before := c.ended - 1
	room := s.n
	if c.background {
		room -= s.reserve
		for _, other := range s.callers {
			if !other.background && other.comes <= before && other.ended > before {
				return true
			}
		}
	}
	taken := 0
	for _, other := range s.callers {
		if other.granted && other.ended <= before && s.frees(other) > before {
			taken++
		}
	}
	if taken >= room {
		return true
	}
	for i, p := range s.pauses {
		if p.at <= before && before < p.until {
			return true
		}
		if p.at > before || i+1 < len(s.pauses) && s.pauses[i+1].at <= before {
			continue
		}
		probes, _ := s.probes(i)
		for _, probe := range probes {
			if probe.ended <= before && before < probe.released() {
				return true
			}
		}
	}
	return false
}

// probes are the callers that went one after another after pause i, up to the
// first one with an answer, and those that followed before the next pause.
func (s *story) probes(i int) (probes, rest []*caller) {
	next := never
	if i+1 < len(s.pauses) {
		next = s.pauses[i+1].at
	}
	var after []*caller
	for _, c := range s.callers {
		if c.granted && c.ended > s.pauses[i].at && c.ended < next {
			after = append(after, c)
		}
	}
	slices.SortFunc(after, func(a, b *caller) int {
		return cmp.Or(cmp.Compare(a.ended, b.ended), cmp.Compare(a.released(), b.released()))
	})
	for k, c := range after {
		if c.outcome == Answered {
			return after[:k+1], after[k+1:]
		}
	}
	return after, nil
}

func (s *story) judgePauses() (faults []error) {
	for i, p := range s.pauses {
		probes, rest := s.probes(i)
		earliest := p.until
		for _, c := range probes {
			if c.ended < earliest {
				faults = append(faults, fmt.Errorf("%+v: granted before %v, in pause %+v", *c, earliest, p))
			}
			earliest = c.released()
		}
		for _, c := range rest {
			if c.ended < earliest {
				faults = append(faults, fmt.Errorf("%+v: granted before the probe was answered at %v", *c, earliest))
			}
		}
	}
	return faults
}

func TestQueueProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		var faults []error
		synctest.Test(t, func(*testing.T) { faults = s.play() })
		if err := errors.Join(faults...); err != nil {
			rt.Fatal(err)
		}
	})
}

// Every story is played twice: with a deadline for one caller, and without. The
// others stay in line and send what they came for, as the prediction supposes.
func TestLateErrorProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		for i, c := range s.callers {
			c.comes += time.Duration(i) * 10 * time.Microsecond // the same order in both
			c.leaves, c.deadline = never, never
			if c.outcome == NotSent {
				c.outcome = Answered
			}
		}
		c := rapid.SampledFrom(s.callers).Draw(rt, "caller")
		c.deadline = c.comes + time.Duration(rapid.Int64Range(1, int64(3*s.window)).Draw(rt, "deadline"))
		synctest.Test(t, func(*testing.T) { s.play() })
		var late *LateError
		if !errors.As(c.err, &late) {
			return
		}
		failed, deadline := c.ended, c.deadline
		c.deadline = never
		synctest.Test(t, func(*testing.T) { s.play() })
		if c.ended < failed+late.Wait {
			rt.Fatalf("turned away at %v with a deadline of %v, to wait %v more, but its slot came at %v", failed, deadline, late.Wait, c.ended)
		}
	})
}
