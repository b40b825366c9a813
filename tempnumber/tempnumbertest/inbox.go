package tempnumbertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

const (
	maxMessages     = 10_000
	maxMessageBytes = 16 << 20 // of all texts that are kept
	maxText         = 10_000   // characters of one SMS
	maxAddress      = 100      // characters of who sent it and of who gets it
)

// Message is one SMS that came to the server, whoever it was for.
type Message struct {
	ID           int64 // counts from 1
	At           time.Time
	From         string // as it was sent; empty when nobody said
	To           string // in E.164 when it is a number, else as it was sent
	Text         string
	Code         string                  // the code in the text; empty when there is none
	ActivationID tempnumber.ActivationID // which one took it; 0 when nobody waited for it
	Note         string                  // why nobody took it
}

// Messages returns the newest SMS that came, the oldest of them first: 10,000 of
// them, or 16 MiB of text.
func (s *Server) Messages() []Message {
	var all []Message
	s.locked(func(time.Time) { all = slices.Clone(s.inbox.kept) })
	return all
}

// AcceptSMS takes in an SMS to any number, as a carrier does: an activation gets it
// when it waits for one on that number, and Messages shows it in any case. It is an
// error when the text is empty or has more than 10,000 characters, and when from or to
// has more than 100.
func (s *Server) AcceptSMS(from, to, text string) (Message, error) {
	if err := checkText(text); err != nil {
		return Message{}, err
	}
	if utf8.RuneCountInString(from) > maxAddress || utf8.RuneCountInString(to) > maxAddress {
		return Message{}, fmt.Errorf("tempnumbertest: the sender and the receiver of an SMS have %d characters at most", maxAddress)
	}
	var m Message
	sms := service.NewSMS(from, text)
	s.locked(func(now time.Time) {
		id, err := s.core.DeliverTo(now, to, sms)
		if err == nil {
			m = s.inbox.kept[len(s.inbox.kept)-1]
			return
		}
		m = Message{At: now, From: sms.From, To: phoneOf(strings.Clone(to)), Text: sms.Text, Code: sms.Code, Note: err.Error()}
		if id == 0 {
			m.Note = "nobody rents this number"
		}
		m.ID = s.keep(m)
	})
	return m, nil
}

// checkText refuses a text that is no SMS.
func checkText(text string) error {
	switch {
	case text == "":
		return errors.New("tempnumbertest: the text of an SMS is not empty")
	case utf8.RuneCountInString(text) > maxText:
		return fmt.Errorf("tempnumbertest: the text of an SMS has %d characters at most", maxText)
	}
	return nil
}

// phoneOf writes a number in E.164, and leaves what is none as it is.
func phoneOf(number string) string {
	if digits := service.DigitsOf(number); len(digits) >= 5 {
		return "+" + digits
	}
	return number
}

// size returns how many bytes the texts of a message take.
func (m *Message) size() int { return len(m.From) + len(m.To) + len(m.Text) + len(m.Note) }

// keep adds a message to the inbox and returns its id.
func (s *Server) keep(m Message) int64 {
	id := s.inbox.add(m)
	s.happened(happening{"message", id}, phoneOf(m.To))
	return id
}

// delivered keeps an SMS that an activation took.
func (s *Server) delivered(at time.Time, a service.Activation, sms service.SMS) {
	s.keep(Message{At: at, From: sms.From, To: "+" + a.Number.Digits(), Text: sms.Text, Code: sms.Code, ActivationID: a.ID})
}

// inbox holds the newest messages.
type inbox struct {
	kept   []Message
	last   int64 // id
	bytes  int
	newest map[string]int64 // the id of the newest message to a number
}

func (b *inbox) add(m Message) int64 {
	b.last++
	m.ID = b.last
	b.kept = append(b.kept, m)
	b.bytes += m.size()
	if b.newest == nil {
		b.newest = map[string]int64{}
	}
	b.newest[m.To] = m.ID
	for len(b.kept) > maxMessages || b.bytes > maxMessageBytes {
		old := b.kept[0]
		b.bytes -= old.size()
		if b.newest[old.To] == old.ID {
			delete(b.newest, old.To)
		}
		b.kept[0] = Message{}
		b.kept = b.kept[1:]
	}
	return m.ID
}

// clear forgets all messages. Ids go on, so that nobody takes a new message for one
// that was seen.
func (b *inbox) clear() { *b = inbox{last: b.last} }

// at returns the message with an id, nil when it is not kept.
func (b *inbox) at(id int64) *Message {
	i := id - b.last - 1 + int64(len(b.kept))
	if i < 0 || i >= int64(len(b.kept)) {
		return nil
	}
	return &b.kept[i]
}

// after returns the messages that came after the one with an id.
func (b *inbox) after(id int64) []Message {
	n := min(max(b.last-id, 0), int64(len(b.kept)))
	return b.kept[int64(len(b.kept))-n:]
}

// newestTo returns the newest message to a number after the one with an id, nil when
// there is none.
func (b *inbox) newestTo(number string, after int64) *Message {
	if id := b.newest[number]; id > after {
		return b.at(id)
	}
	return nil
}
