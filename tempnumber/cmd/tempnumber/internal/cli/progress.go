package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// progress shows how a wait goes: the number as soon as it is known, and then a
// live line.
type progress struct {
	p     *program
	start time.Time
	done  chan struct{}
	ended sync.WaitGroup

	mu     sync.Mutex
	last   *tempnumber.Activation
	seen   time.Time // when last was
	told   bool      // the number was shown
	silent bool      // the number is known to the user
}

// showProgress begins to show a wait. The caller must end it.
func (p *program) showProgress(numberKnown bool) *progress {
	s := &progress{p: p, start: time.Now(), done: make(chan struct{}), silent: numberKnown}
	if p.console.live {
		p.watch.drawnBy(true)
		s.ended.Add(1)
		go s.run()
	}
	return s
}

func (s *progress) end() {
	close(s.done)
	s.ended.Wait()
	s.p.watch.drawnBy(false)
	s.p.console.clear()
}

// run draws the live line every second.
func (s *progress) run() {
	defer s.ended.Done()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		s.draw()
		select {
		case <-ticker.C:
		case <-s.done:
			return
		}
	}
}

// update takes in what is known of the activation. With -o jsonl each change is a
// line of the answer; one with an SMS is the answer itself and comes at its end.
func (s *progress) update(a *tempnumber.Activation) error {
	s.mu.Lock()
	changed := s.last == nil || s.last.Status != a.Status || s.last.Phone != a.Phone
	tell := !s.told && !s.silent && !a.Phone.IsZero()
	s.told = s.told || tell
	s.last, s.seen = a, time.Now()
	s.mu.Unlock()
	if tell {
		if s.p.printNumber(a) {
			s.p.purchases.told()
		}
	}
	if s.p.console.live {
		s.draw()
	}
	if changed && s.p.settings.format == formatJSONL && !a.Status.HasSMS() {
		if err := writeJSON(s.p.env.Stdout, view(a, ""), ""); err != nil {
			return outputFailure(err)
		}
		s.p.purchases.told()
	}
	return nil
}

// draw writes the live line.
func (s *progress) draw() {
	s.mu.Lock()
	last, seen := s.last, s.seen
	s.mu.Unlock()
	line := fmt.Sprintf("%s  %s", statusText(last), clock(time.Since(s.start)))
	if last != nil && last.Remaining() > 0 {
		line += fmt.Sprintf("  (%s left)", clock(last.Remaining()-time.Since(seen)))
	}
	if trouble := s.p.watch.liveTrouble(); trouble != "" {
		line += "  " + trouble
	}
	s.p.console.show(line)
}

// printNumber shows a number at once, so that it can be typed while the wait goes
// on. It reports whether the number could be shown.
func (p *program) printNumber(a *tempnumber.Activation) bool {
	c := p.console
	what := terms(a)
	if terminal(p.env.Stderr) == nil {
		return c.note("activation %v: number %s (%s)", a.ID, a.Phone.E164(), what)
	}
	line := func(name, text string) string {
		text = hanging(pad(name, len(labelActivation))+"  ", text, c.columns())
		return c.style.bold(name) + strings.TrimPrefix(text, name)
	}
	number := line("Number", a.Phone.E164()+"  (without country code: "+a.Phone.National()+")")
	number = strings.Replace(number, a.Phone.E164(), c.style.green(a.Phone.E164()), 1)
	return c.write(number + "\n" + line(labelActivation, a.ID.String()+", "+what))
}

// labelActivation is the longest label of what receive shows.
const labelActivation = "Activation"

// statusText says for people where an activation stands.
func statusText(a *tempnumber.Activation) string {
	if a == nil {
		return "looking"
	}
	switch a.Status {
	case tempnumber.StatusNumberRequested:
		return "waiting for the number"
	case tempnumber.StatusNumberReceived, tempnumber.StatusSMSRequested:
		return "waiting for the SMS"
	case tempnumber.StatusRetryRequested:
		return "waiting for another SMS"
	case tempnumber.StatusSMSReceived, tempnumber.StatusRetryReceived:
		return "the SMS is here"
	}
	return visible(string(a.Status))
}

// clock writes a time as minutes and seconds, "0:07".
func clock(d time.Duration) string {
	seconds := int(max(d, 0) / time.Second)
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
