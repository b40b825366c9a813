package bench

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/bench/arrival"
)

// BenchmarkOrders prints how soon SMS are seen when numbers are ordered as fast as the
// documented limit allows, as a table in Markdown.
func BenchmarkOrders(b *testing.B) {
	for range b.N {
		fmt.Fprintf(os.Stdout, "\n\n%s\n", orderTable(b))
	}
}

// seeds are those of the table. The policy was tuned on others.
func seeds() []uint64 { return []uint64{31, 32, 33, 34, 35, 36, 37, 38} }

// orderTable lets this poller do every workload with every seed. Loops, of which
// some take a million requests, do it with one.
func orderTable(tb testing.TB) string {
	tb.Helper()
	var table strings.Builder
	fmt.Fprintf(&table, "80 orders at once, then 40 a minute for 40 minutes; pages of 100, %v each way. Seconds from the SMS to the program, mean / p99, then the longest time in which nothing was heard of a wait, SMS lost and requests refused. Median of %d seeds, the longest and the sums of all; loops have one seed.\n\n", oneWay, len(seeds()))
	table.WriteString("| SMS |")
	for _, s := range strategies() {
		table.WriteString(" " + s.name + " |")
	}
	table.WriteString("\n|---|" + strings.Repeat("---|", len(strategies())) + "\n")
	for _, a := range arrival.Workloads() {
		w := workload{waits: 80, page: 100, rounds: 1, delay: a.Delay, orders: 40 * time.Minute}
		fmt.Fprintf(&table, "| %s |", a.Name)
		for i, s := range strategies() {
			if i == 0 {
				fmt.Fprintf(&table, " %s |", s.median(tb, w, seeds()))
			} else {
				fmt.Fprintf(&table, " %s |", s.run(tb, w, seeds()[0]))
			}
		}
		table.WriteString("\n")
	}
	return table.String()
}

// median is the score of a workload over several seeds.
func (s strategy) median(tb testing.TB, w workload, seeds []uint64) string {
	tb.Helper()
	var all score
	var means, p99s []float64
	for _, seed := range seeds {
		got := s.run(tb, w, seed)
		means, p99s = append(means, got.mean()), append(p99s, got.p99())
		all.blind, all.lost, all.refused = max(all.blind, got.blind), all.lost+got.lost, all.refused+got.refused
	}
	middle := func(of []float64) float64 {
		slices.Sort(of)
		return (of[(len(of)-1)/2] + of[len(of)/2]) / 2
	}
	return fmt.Sprintf("%.2f / %.1f, %.0f, %d, %d", middle(means), middle(p99s), all.blind.Seconds(), all.lost, all.refused)
}
