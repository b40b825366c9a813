package poll

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkPeek is what the choice of the next look costs, of each kind.
func BenchmarkPeek(b *testing.B) {
	for _, waits := range []int{1, 100, 1000, 10_000} {
		for _, page := range []int{10, 100} {
			for _, list := range []bool{false, true} {
				b.Run(fmt.Sprintf("waits=%d/page=%d/list=%v", waits, page, list), func(b *testing.B) {
					p, now := New(singles(), lists()), time.Unix(1_000_000_000, 0)
					for id := range waits {
						p.Add(int64(id+1), now, now, now.Add(lifetime))
						now = now.Add(10 * time.Millisecond)
					}
					p.history.read, p.history.size = true, page
					p.list.queued, p.single.queued = !list, list
					if list && waits == 1 {
						b.Skip("one wait has no lists")
					}
					now = now.Add(time.Minute)
					b.ReportAllocs()
					for b.Loop() {
						if l, _ := p.Peek(now); l.IsList() != list {
							b.Fatal(l)
						}
					}
				})
			}
		}
	}
}
