// Package share coordinates the waits and orders of a program, alone or with all that use its key.
//
//   - fact.go, seal.go: what an entry of the log holds, sealed with the key.
//   - state.go: the replay. Which slots are held, who is next in line, who waits for
//     which activation and what was seen follows from the entries and their moments
//     alone: plain data, without a clock or a log.
//   - hub.go: what a program that shares a log tells. run.go: its goroutine. decide.go: what that
//     does next, by the state. exchange.go: how it appends that and takes in what it reads.
//     clocks.go: how old that is. failure.go: what happens when the log does not answer.
//   - alone.go: the same for a program that shares its key with nobody: it tells the state
//     itself what happens, and its limiter grants the slots.
package share

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// Kind is what a Fact is about. Kinds that are not known are skipped.
type Kind uint8

// The kinds of facts.
const (
	Hold    Kind = iota + 1 // a slot of Endpoint is taken, by ID; if For passes without a Release it can no longer arrive
	Release                 // the slot ID of Endpoint is given back: Outcome
	Ticket                  // the program waits in the line of Endpoint
	Leave                   // and does not any more
	Wait                    // the program waits for Activation for the time For: seen Age ago; Special: its SMS is for the program to judge
	End                     // and does not any more
	Look                    // the Hold before is for a look at Activation, or at Page of Size rows
	Seen                    // the look of the slot ID, decided on Age ago, is over. Of a list: Page, Size, Total, Rows
	Item                    // an activation as it was seen Age ago: Data
	Pause                   // Endpoint is closed for the time For
	Alive                   // the program still waits for what it waits for
	Confirm                 // Activation is to be looked at before others
	Order                   // an order ID of Pair is on its way, and costs Amount at most
	Settled                 // what became of it Age ago: it bought Activation for Amount, or nothing, or Outcome is Unknown
	Held                    // of a snapshot: a slot of Endpoint was given back, and counts until For and a window have passed
	Closed                  // of a snapshot: Endpoint is closed for For and a window, because what was held is not known
	Clock                   // the program's own clock shows For
)

// Fact is one thing that a program says. Which fields matter depends on its Kind.
// Moments are told as durations: from the entry's own moment on, or before it.
type Fact struct {
	Kind       Kind
	Endpoint   string
	ID         uint64
	Activation int64
	For, Age   time.Duration
	Since      time.Duration // of a Wait in a snapshot: how long it has been waited for
	Page       int
	Size       int
	Total      int
	Outcome    int
	Flags      Flags
	Amount     int64
	Pair       string
	Data       []byte
	Rows       []Row
	Ended      bool // of Item: the program's own wait ended by its SMS. It is not told to others
}

// Flags are what a fact says by yes or no.
type Flags uint8

// The flags of a fact.
const (
	Special Flags = 1 << iota // of Wait: an SMS may not be the one that is waited for
	HasSMS                    // of Item and Row: there is an SMS
	HasText                   // of Item: with its text
	List                      // of Item and Seen: by a list
	Refused                   // of Seen: the service refused the size of the list
	Failed                    // of Seen: nothing was shown
	HadSMS                    // of Row: there is one, or was before another was asked for
)

// Unknown is the Outcome of an order of which nobody knows what it bought.
const Unknown = 1

// Row is a row of a list.
type Row struct {
	Activation int64
	Flags      Flags
}

// The fields of an encoded fact. Numbers are signed varints, texts have their length before them; a
// field that is zero is left out, and one that is not known is skipped.
const (
	fieldEnd = iota
	fieldEndpoint
	fieldID
	fieldActivation
	fieldFor
	fieldAge
	fieldPage
	fieldSize
	fieldTotal
	fieldOutcome
	fieldFlags
	fieldAmount
	fieldPair
	fieldData
	fieldRows
	fieldSince
)

const text = 1 // the lowest bit of a field's tag: a text, not a number

// round is the unit of durations in the log.
const round = time.Microsecond

func (f *Fact) append(b []byte) []byte {
	number := func(field byte, n int64) {
		if n != 0 {
			b = binary.AppendVarint(append(b, field<<1), n)
		}
	}
	bytes := func(field byte, s []byte) {
		if len(s) > 0 {
			b = append(binary.AppendUvarint(append(b, field<<1|text), uint64(len(s))), s...)
		}
	}
	b = append(b, byte(f.Kind))
	bytes(fieldEndpoint, []byte(f.Endpoint))
	number(fieldID, int64(f.ID))
	number(fieldActivation, f.Activation)
	number(fieldFor, int64(f.For/round))
	number(fieldAge, int64(f.Age/round))
	number(fieldSince, int64(f.Since/round))
	number(fieldPage, int64(f.Page))
	number(fieldSize, int64(f.Size))
	number(fieldTotal, int64(f.Total))
	number(fieldOutcome, int64(f.Outcome))
	number(fieldFlags, int64(f.Flags))
	number(fieldAmount, f.Amount)
	bytes(fieldPair, []byte(f.Pair))
	bytes(fieldData, f.Data)
	var rows []byte
	last := int64(0)
	for _, r := range f.Rows {
		rows = append(binary.AppendVarint(rows, r.Activation-last), byte(r.Flags))
		last = r.Activation
	}
	bytes(fieldRows, rows)
	return append(b, fieldEnd)
}

var errMalformed = errors.New("a fact cannot be read")

func (f *Fact) read(b []byte) (rest []byte, err error) {
	if len(b) == 0 {
		return nil, errMalformed
	}
	f.Kind, b = Kind(b[0]), b[1:]
	for {
		if len(b) == 0 {
			return nil, errMalformed
		}
		tag := b[0]
		if b = b[1:]; tag == fieldEnd {
			return b, nil
		}
		if tag&text == 0 {
			n, used := binary.Varint(b)
			if used <= 0 {
				return nil, errMalformed
			}
			b = b[used:]
			f.number(tag>>1, n)
			continue
		}
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return nil, errMalformed
		}
		s := b[used : used+int(n)]
		b = b[used+int(n):]
		if err := f.text(tag>>1, s); err != nil {
			return nil, err
		}
	}
}

func (f *Fact) number(field byte, n int64) {
	switch field {
	case fieldID:
		f.ID = uint64(n)
	case fieldActivation:
		f.Activation = n
	case fieldFor:
		f.For = time.Duration(n) * round
	case fieldAge:
		f.Age = time.Duration(n) * round
	case fieldSince:
		f.Since = time.Duration(n) * round
	case fieldPage:
		f.Page = int(n)
	case fieldSize:
		f.Size = int(n)
	case fieldTotal:
		f.Total = int(n)
	case fieldOutcome:
		f.Outcome = int(n)
	case fieldFlags:
		f.Flags = Flags(n)
	case fieldAmount:
		f.Amount = n
	}
}

func (f *Fact) text(field byte, s []byte) error {
	switch field {
	case fieldEndpoint:
		f.Endpoint = string(s)
	case fieldPair:
		f.Pair = string(s)
	case fieldData:
		f.Data = slices.Clone(s)
	case fieldRows:
		last := int64(0)
		for len(s) > 0 {
			d, used := binary.Varint(s)
			if used <= 0 || used >= len(s) {
				return errMalformed
			}
			last += d
			f.Rows = append(f.Rows, Row{last, Flags(s[used])})
			s = s[used+1:]
		}
	}
	return nil
}

// message is what one program says at once.
type message struct {
	program uint64
	clock   time.Duration // what the program's own clock shows, zero for not told
	facts   []Fact
}

// format is the format of a message. Kinds and fields that are new need no other: who does not know them skips them. A
// program that finds a higher one sends nothing beside the program that wrote it.
const format = 1

var errLater = errors.New("an entry is of a later format")

func (m message) encode() []byte {
	b := binary.LittleEndian.AppendUint64([]byte{format}, m.program)
	if m.clock != 0 {
		b = (&Fact{Kind: Clock, For: m.clock}).append(b)
	}
	for i := range m.facts {
		b = m.facts[i].append(b)
	}
	return b
}

func decodeMessage(b []byte) (m message, err error) {
	if len(b) > 0 && b[0] > format {
		return m, errLater
	}
	if len(b) < 9 || b[0] == 0 {
		return m, errMalformed
	}
	m.program = binary.LittleEndian.Uint64(b[1:])
	for b = b[9:]; len(b) > 0; {
		var f Fact
		if b, err = f.read(b); err != nil {
			return m, err
		}
		if f.Kind == Clock {
			m.clock = f.For
			continue
		}
		m.facts = append(m.facts, f)
	}
	return m, nil
}
