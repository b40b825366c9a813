// Package journal writes down each order of a number before it costs money, so
// that no number is lost when a program crashes, is killed or loses the answer.
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//
//		"github.com/tempnumber/tempnumber-go/tempnumber"
//		"github.com/tempnumber/tempnumber-go/tempnumber/journal"
//	)
//
//	func main() {
//		dir, err := journal.DefaultDir()
//		if err != nil {
//			log.Fatal(err)
//		}
//		orders, err := journal.Open(dir, "my account")
//		if err != nil {
//			log.Fatal(err)
//		}
//		client, err := tempnumber.NewFromEnv(tempnumber.WithPurchaseHook(orders.Hook))
//		if err != nil {
//			log.Fatal(err)
//		}
//		activation, err := orders.Do(context.Background(), func(ctx context.Context) (*tempnumber.Activation, error) {
//			return client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println(activation.ID, activation.Phone)
//		if err := orders.Told(activation.ID); err != nil { // the number is stored, or was used up
//			log.Fatal(err)
//		}
//	}
//
// After a crash, Recover looks for what the open orders bought.
//
// A journal is a directory of files of JSON lines, one file a month. Each record
// is appended by a single write and synced before the order is sent, so any number
// of processes may share a journal, and a record that a crash cut short harms no
// other. The files are readable by their owner alone. They hold ids, phone numbers
// and prices; they never hold an API key, the text of an SMS or a code.
package journal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// State says how far an order has come.
type State string

// The states of an order.
const (
	// Sent means that the order was about to be sent. It may still be on its way, or
	// its process has ended without writing down what became of it.
	Sent State = "sent"
	// Unknown means that the order was sent and that no answer said what became of it.
	Unknown State = "unknown"
	// Bought means that the order bought a number, and that nobody has confirmed yet
	// that the number is known where it is needed. See Journal.Told.
	Bought State = "bought"
	// Closed means that there is nothing left to do.
	Closed State = "closed"
)

// Entry is an order as the journal knows it.
type Entry struct {
	Order   string            // the journal's own id of the order
	Account string            // as it was given to Open
	Intent  tempnumber.Intent // what was ordered, and when
	State   State
	Updated time.Time               // when the last record of the order was written, UTC
	ID      tempnumber.ActivationID // what was bought; 0 when that is not known, or nothing was
	Number  string                  // in E.164; empty when it is not known
	Process string                  // which process ordered: its id, "@", its host
}

// Open reports whether something is left to be done about the order.
func (e Entry) Open() bool { return e.State != Closed }

// Running reports whether the process that ordered still runs on this machine, so
// that it may be at work on the order. It is false where that cannot be known.
func (e Entry) Running() bool {
	id, host, _ := strings.Cut(e.Process, "@")
	pid, err := strconv.Atoi(id)
	if here, hostErr := os.Hostname(); err != nil || hostErr != nil || host != here || pid <= 0 {
		return false
	}
	return isRunning(pid)
}

// Journal is a record of orders on disk. Its methods may be called from many
// goroutines, and many processes may use the same directory.
type Journal struct {
	dir, account string
}

// DefaultDir returns the directory that the command line tool uses:
// $XDG_STATE_HOME/tempnumber, by default ~/.local/state/tempnumber.
func DefaultDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "tempnumber"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("journal: no directory for the state: %w", err)
	}
	return filepath.Join(home, ".local", "state", "tempnumber"), nil
}

// Open returns the journal in a directory, which is made by the first record.
// Nothing else but journals may be in it. account names the account and the
// service that the orders go to, in the program's own words: methods see only
// entries with the same name. It is stored as it is, so it must not be the API key.
func Open(dir, account string) (*Journal, error) {
	if dir == "" {
		return nil, errors.New("journal: the directory has no name")
	}
	return &Journal{dir: dir, account: account}, nil
}

// record is one line of a file.
type record struct {
	Version int                     `json:"v"`
	Order   string                  `json:"order"`
	At      time.Time               `json:"at"`
	State   State                   `json:"state"`
	Account string                  `json:"account,omitempty"`
	Intent  *tempnumber.Intent      `json:"intent,omitempty"`
	ID      tempnumber.ActivationID `json:"id,omitempty"`
	Number  string                  `json:"number,omitempty"`
	Process string                  `json:"process,omitempty"`
}

// orderKey finds the running Do in a context.
type orderKey struct{}

// running is a call of Do.
type running struct {
	mu    sync.Mutex
	order string // of the newest order; empty until there is one
}

// Hook writes an order down before it is sent. Give it to
// tempnumber.WithPurchaseHook. Its error stops the order: what cannot be written
// down is not bought.
func (j *Journal) Hook(ctx context.Context, intent tempnumber.Intent) error {
	order := rand.Text()
	host, _ := os.Hostname() // without one the process counts as ended
	process := fmt.Sprintf("%d@%s", os.Getpid(), host)
	if err := j.append(record{Order: order, State: Sent, Account: j.account, Intent: &intent, Process: process}); err != nil {
		return err
	}
	if r, ok := ctx.Value(orderKey{}).(*running); ok {
		r.mu.Lock()
		r.order = order
		r.mu.Unlock()
	}
	return nil
}

// Do runs buy, which orders one number with a client that has the journal's Hook,
// and writes down what became of the order. buy must pass its context on. It
// returns what buy returns. When the result cannot be written down, the order
// stays open and Recover settles it.
func (j *Journal) Do(ctx context.Context, buy func(ctx context.Context) (*tempnumber.Activation, error)) (*tempnumber.Activation, error) {
	r := new(running)
	a, err := buy(context.WithValue(ctx, orderKey{}, r))
	r.mu.Lock()
	order := r.order
	r.mu.Unlock()
	if order == "" {
		return a, err // it never came to the hook
	}
	result := record{Order: order, State: Closed}
	var wait *tempnumber.WaitError
	switch {
	case err == nil && a != nil:
		result.State, result.ID, result.Number = Bought, a.ID, a.Phone.E164()
	case errors.As(err, &wait):
		result.State, result.ID = Bought, wait.ID
		if wait.Last != nil {
			result.Number = wait.Last.Phone.E164()
		}
	case errors.Is(err, tempnumber.ErrOutcomeUnknown):
		result.State = Unknown
	}
	_ = j.append(result) // otherwise it stays as it is: open
	return a, err
}

// Told closes the orders that bought an activation. Call it when the number is
// known where it is needed: shown, stored, or used up.
func (j *Journal) Told(id tempnumber.ActivationID) error {
	entries, err := j.Entries()
	for _, e := range entries {
		if e.ID == id && e.State == Bought {
			err = errors.Join(err, j.Settle(e.Order, id))
		}
	}
	return err
}

// Settle closes an order. id is what it bought, 0 when nothing was bought or when
// the caller has dealt with it otherwise.
func (j *Journal) Settle(order string, id tempnumber.ActivationID) error {
	return j.append(record{Order: order, State: Closed, ID: id})
}

// Entries returns the account's orders of this month and the last, the oldest
// first. Lines that cannot be read are skipped.
func (j *Journal) Entries() ([]Entry, error) {
	byOrder := map[string]*Entry{}
	var order []string
	for _, name := range j.readable() {
		text, err := os.ReadFile(name) //nolint:gosec // the caller says which directory
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			var r record
			if strings.TrimSpace(line) == "" || json.Unmarshal([]byte(line), &r) != nil || r.Order == "" {
				continue
			}
			e := byOrder[r.Order]
			if e == nil {
				e = &Entry{Order: r.Order}
				byOrder[r.Order] = e
				order = append(order, r.Order)
			}
			e.apply(r)
		}
	}
	var entries []Entry
	for _, o := range order {
		if e := byOrder[o]; e.Account == j.account && !e.Intent.SentAt.IsZero() {
			entries = append(entries, *e)
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.Intent.SentAt.Compare(b.Intent.SentAt) })
	return entries, nil
}

// apply takes in a later record of the order.
func (e *Entry) apply(r record) {
	e.State, e.Updated = r.State, r.At
	if r.Intent != nil {
		e.Account, e.Intent, e.Process = r.Account, *r.Intent, r.Process
	}
	if r.ID != 0 {
		e.ID = r.ID
	}
	if r.Number != "" {
		e.Number = r.Number
	}
}

// Pending returns the orders that are open, the oldest first. One in state Sent
// may belong to a process that is still at it.
func (j *Journal) Pending() ([]Entry, error) {
	entries, err := j.Entries()
	return slices.DeleteFunc(entries, func(e Entry) bool { return !e.Open() }), err
}

// file returns the name of the file of a month.
func (j *Journal) file(month time.Time) string {
	return filepath.Join(j.dir, "orders-"+month.Format("2006-01")+".jsonl")
}

// readable returns the names of the files that open orders can be in.
func (j *Journal) readable() []string {
	now := time.Now().UTC()
	thisMonth := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return []string{j.file(thisMonth.AddDate(0, -1, 0)), j.file(thisMonth)}
}

// append writes a record and returns when it is on the disk.
func (j *Journal) append(r record) error {
	r.Version, r.At = 1, time.Now().UTC()
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	name := j.file(r.At)
	_, missing := os.Stat(name)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600) //nolint:gosec // the caller says which directory
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	// The empty line before the record ends one that a crash cut short.
	_, err = file.Write(append(append([]byte{'\n'}, line...), '\n'))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if missing != nil {
		syncDir(j.dir)
	}
	return nil
}

// syncDir makes a new file's name lasting, where directories can be synced.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil { //nolint:gosec // as above
		_ = d.Sync() // not everywhere possible; the file's content is synced
		_ = d.Close()
	}
}
