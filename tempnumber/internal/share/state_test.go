package share

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
)

func limits() map[string]Limit {
	return map[string]Limit{"one": {80, 2 * time.Minute}, "page": {10, time.Minute}}
}

func TestPollBudget(t *testing.T) {
	require.Equal(t, poll.Budget{Requests: 80, Window: 2 * time.Minute, Reserve: 8}, limits()["one"].budget())
	require.Equal(t, poll.Budget{Requests: 10, Window: time.Minute, Reserve: 1}, limits()["page"].budget())
}

// A newcomer that begins with a snapshot holds as many slots taken, and waits for the same, as one that has
// followed from the beginning.
func TestSnapshotSaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Now()
		followed := NewState(start, limits(), "one", "page")
		now := time.Duration(0)
		var held []uint64
		for i := range rapid.IntRange(1, 60).Draw(t, "facts") {
			now += time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond
			endpoint := rapid.SampledFrom([]string{"one", "page"}).Draw(t, "endpoint")
			f := Fact{Endpoint: endpoint, ID: uint64(i + 1), Activation: int64(rapid.IntRange(1, 9).Draw(t, "activation"))}
			f.Kind = rapid.SampledFrom([]Kind{Hold, Hold, Release, Ticket, Leave, Wait, End, Pause}).Draw(t, "kind")
			f.For = time.Duration(rapid.IntRange(0, 60).Draw(t, "for")) * time.Second
			switch {
			case f.Kind == Hold:
				held = append(held, f.ID)
			case f.Kind == Release && len(held) > 0:
				f.ID, f.Outcome = rapid.SampledFrom(held).Draw(t, "held"), rapid.IntRange(1, 3).Draw(t, "outcome")
			}
			followed.Apply(uint64(rapid.IntRange(1, 4).Draw(t, "program")), []Fact{f}, now)
		}
		newcomer := NewState(start, limits(), "one", "page")
		for _, m := range followed.snapshot(now) {
			decoded, err := decodeMessage(m.encode())
			require.NoError(t, err)
			newcomer.Apply(decoded.program, decoded.facts, now)
		}
		for range 4 {
			for endpoint, l := range followed.lines {
				other := newcomer.lines[endpoint]
				l.slots.Reclaim(now)
				other.slots.Reclaim(now)
				require.Equal(t, l.slots.Free(), other.slots.Free(), endpoint)
				require.Len(t, other.tickets, len(l.tickets))
				for i := range l.tickets {
					require.Equal(t, l.tickets[i].program, other.tickets[i].program, "the order of the line")
				}
			}
			now += 37 * time.Second
		}
		for id, a := range followed.waits {
			require.ElementsMatch(t, a.by, newcomer.waits[id].by)
		}
		require.Len(t, newcomer.waits, len(followed.waits))
	})
}

func TestWhatLapses(t *testing.T) {
	s := NewState(time.Now(), limits(), "one", "page")
	s.Apply(1, []Fact{{Kind: Hold, Endpoint: "page", ID: 7, For: time.Minute}, {Kind: Wait, Activation: 5, For: time.Hour}}, 0)
	s.Apply(2, []Fact{{Kind: Ticket, Endpoint: "page"}}, 0)
	s.Advance(ticketLife - 1)
	require.Len(t, s.lines["page"].tickets, 1)
	s.Advance(ticketLife)
	require.Empty(t, s.lines["page"].tickets, "its slot was there, and it did not take it")
	s.Advance(waitLife - 1)
	require.True(t, s.Waits(1, 5))
	require.Equal(t, 9, s.lines["page"].slots.Free())
	s.Advance(waitLife)
	require.False(t, s.Waits(1, 5), "its program has died")
	s.Advance(2*time.Minute + 60*time.Millisecond)
	require.Equal(t, 10, s.lines["page"].slots.Free(), "its request can no longer be on its way, nor count")
}

func TestPlaceInLineIsKept(t *testing.T) {
	s := NewState(time.Now(), limits(), "one", "page")
	for id := range uint64(10) {
		s.Apply(1, []Fact{{Kind: Hold, Endpoint: "page", ID: id + 1, For: time.Minute}}, 0)
		s.Apply(1, []Fact{{Kind: Release, Endpoint: "page", ID: id + 1, Outcome: int(slot.Answered)}}, 0)
	}
	s.Apply(2, []Fact{{Kind: Ticket, Endpoint: "page"}}, time.Second)
	s.Apply(3, []Fact{{Kind: Ticket, Endpoint: "page"}}, 2*time.Second)
	for now := time.Duration(0); now < time.Minute; now += time.Second {
		s.Advance(now)
	}
	require.Equal(t, 0, s.lines["page"].ahead(2), "no place lapses while its slot has not come")
	require.Equal(t, 1, s.lines["page"].ahead(3))
	require.Equal(t, 2, s.lines["page"].ahead(4))
}

func TestTurns(t *testing.T) {
	s := NewState(time.Now(), limits(), "one", "page")
	for program := range uint64(4) {
		s.Apply(program+1, []Fact{{Kind: Wait, Activation: int64(program) + 1, For: time.Hour}}, 0)
	}
	s.Apply(3, []Fact{{Kind: Hold, Endpoint: "one", ID: 9, For: time.Minute}, {Kind: Look, ID: 9, Activation: 1}}, 0)
	require.Zero(t, s.Turn(3), "who has sent the last look goes first")
	require.Equal(t, stagger, s.Turn(1))
	require.Equal(t, 2*stagger, s.Turn(2))
	require.Equal(t, 3*stagger, s.Turn(4))
}

// BenchmarkDecide is what one decision costs: 1,000 programs with 5,000 waits on one key.
func BenchmarkDecide(b *testing.B) {
	s := NewState(time.Now(), limits(), "one", "page")
	for i := range 5000 {
		s.Apply(uint64(i%1000)+1, []Fact{{Kind: Wait, Activation: int64(i) + 1, For: time.Hour}}, 0)
	}
	var look poll.Look
	for b.Loop() {
		s.Advance(time.Second)
		look, _ = s.Next(time.Second)
	}
	require.NotZero(b, look)
}

// BenchmarkNewcomer is how long a program takes to be ready at 1,000 waits, of a program each.
func BenchmarkNewcomer(b *testing.B) {
	h := newHub(b, new(sharingtest.Memory).Log("a"))
	view := sharing.View{Epoch: sharing.Epoch{ID: "e", New: true}, Now: time.Hour}
	bytes := 0
	for i := range 1000 {
		at := time.Duration(i) * time.Second
		m := message{uint64(i) + 1, h.clock(at - time.Hour), []Fact{{Kind: Wait, Activation: int64(i) + 1000, For: time.Hour, Age: time.Second}}}
		e := sharing.Entry{Position: int64(i) + 1, At: at, Data: h.sealer.seal("e", 0, m.encode())}
		view.Entries = append(view.Entries, e)
		bytes += len(e.Data)
	}
	for b.Loop() {
		h.known, h.cursor = false, sharing.Cursor{}
		h.take(view, 0, 0)
	}
	require.Len(b, h.state.waits, 1000)
	b.ReportMetric(float64(bytes)/1000, "bytes/wait")
}
