package sharingtest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// Cells is what a log needs of a store: values that are written only if nobody else has written meanwhile. A table of SQL
// has that by UPDATE … WHERE version = ?, etcd by its transactions, object stores by If-Match. This one is in memory.
type Cells struct {
	mu      sync.Mutex
	start   time.Time
	values  map[string][]byte
	version map[string]int // 0 for a value that was never written
}

// NewCells returns a store without values.
func NewCells() *Cells {
	return &Cells{start: time.Now(), values: make(map[string][]byte), version: make(map[string]int)}
}

// Get returns a value, its version, and the store's clock, which is the same for all programs.
func (c *Cells) Get(_ context.Context, name string) (value []byte, version int, now time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.values[name], c.version[name], time.Since(c.start), nil
}

// Put writes a value if its version is still the same, and reports whether it is.
func (c *Cells) Put(_ context.Context, name string, value []byte, version int) (written bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version[name] != version {
		return false, nil
	}
	c.values[name] = value
	c.version[name]++
	return true, nil
}

// Open returns the log of a name, so Cells is a tempnumber.Sharing.
func (c *Cells) Open(name string) (sharing.Log, error) { return &cellLog{c, name}, nil }

// content is a log as it stands in its cell.
type content struct {
	Epoch    sharing.Epoch
	Snapshot *sharing.Snapshot
	Entries  []sharing.Entry
	Fences   map[uint8]int64 // the last position of each; a snapshot does not end them
}

// last returns the entry at the end, or what stands for it.
func (c *content) last() (position int64, at time.Duration) {
	if n := len(c.Entries); n > 0 {
		return c.Entries[n-1].Position, c.Entries[n-1].At
	}
	if c.Snapshot != nil {
		return c.Snapshot.UpTo.Position, c.Snapshot.At
	}
	return 0, 0
}

// after returns what a program is told that knows the log up to a cursor.
func (c *content) after(cursor sharing.Cursor, now time.Duration) sharing.View {
	_, at := c.last()
	v := sharing.View{Epoch: c.Epoch, Now: max(now, at)}
	known := cursor.Position
	if cursor.Epoch != c.Epoch.ID {
		known = 0
	}
	if c.Snapshot != nil && c.Snapshot.UpTo.Position > known {
		v.Snapshot, known = c.Snapshot, c.Snapshot.UpTo.Position
	}
	for _, e := range c.Entries {
		if e.Position > known {
			v.Entries = append(v.Entries, e)
		}
	}
	return v
}

type cellLog struct {
	cells *Cells
	name  string
}

// change reads the log, lets it be changed, and writes it, until nobody has written in between.
func (l *cellLog) change(ctx context.Context, known sharing.Cursor, change func(c *content, now time.Duration) bool) (c *content, now time.Duration, err error) {
	for ctx.Err() == nil {
		value, version, now, err := l.cells.Get(ctx, l.name)
		if err != nil {
			return nil, 0, err
		}
		c := &content{}
		if len(value) > 0 {
			if err := json.Unmarshal(value, c); err != nil {
				return nil, 0, err
			}
		}
		last, _ := c.last()
		begins := c.Epoch.ID == "" || known.Epoch == c.Epoch.ID && known.Position > last
		if begins { // it is the first use, or the log was lost, or is older than what a program has seen of it
			*c = content{Epoch: sharing.Epoch{ID: rand.Text(), Began: now, New: version == 0}, Fences: make(map[uint8]int64)}
		}
		if !change(c, now) && !begins {
			return c, now, nil
		}
		if value, err = json.Marshal(c); err != nil {
			return nil, 0, err
		}
		if written, err := l.cells.Put(ctx, l.name, value, version); err != nil || written {
			return c, now, err
		}
	}
	return nil, 0, ctx.Err()
}

func (l *cellLog) Read(ctx context.Context, after sharing.Cursor) (sharing.View, error) {
	c, now, err := l.change(ctx, after, func(*content, time.Duration) bool { return false })
	if err != nil {
		return sharing.View{}, err
	}
	return c.after(after, now), nil
}

func (l *cellLog) Append(ctx context.Context, a sharing.Append) (sharing.View, error) {
	appended := false
	c, now, err := l.change(ctx, a.After, func(c *content, now time.Duration) bool {
		appended = a.After.Epoch == c.Epoch.ID && (!a.Test || c.Fences[a.Fence] <= a.After.Position)
		if appended {
			position, at := c.last()
			c.Entries = append(c.Entries, sharing.Entry{Position: position + 1, At: max(now, at), Fence: a.Fence, Data: bytes.Clone(a.Data)})
			if a.Fence != 0 {
				c.Fences[a.Fence] = position + 1
			}
		}
		return appended
	})
	if err != nil {
		return sharing.View{}, err
	}
	v := c.after(a.After, now)
	v.Appended = appended
	return v, nil
}

func (l *cellLog) Wait(ctx context.Context, after sharing.Cursor) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		v, err := l.Read(ctx, after)
		if err != nil || v.Cursor(after) != after {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *cellLog) Compact(ctx context.Context, s sharing.Snapshot) error {
	_, _, err := l.change(ctx, sharing.Cursor{}, func(c *content, _ time.Duration) bool {
		last, _ := c.last()
		if s.UpTo.Epoch != c.Epoch.ID || s.UpTo.Position > last || c.Snapshot != nil && s.UpTo.Position <= c.Snapshot.UpTo.Position {
			return false
		}
		kept := c.after(s.UpTo, 0).Entries
		c.Snapshot, c.Entries = &s, kept
		return true
	})
	return err
}

// A log of one's own needs a value that is written only if nobody else has written meanwhile, and a clock that all
// programs share; what programs do by it is the client's work. TestLog tells whether it is right, and its test here is
//
//	sharingtest.TestLog(t, open, lose)
//
// This store knows whether a value was ever written, so first use opens at once. One that may have been emptied, as a
// cache may, must not say that an epoch is New: nothing is sent then for as long as something of before could count.
func Example_ownLog() {
	service := httptest.NewServer(tempnumbertest.NewServer())
	defer service.Close()
	cells := NewCells()
	var programs [3]*tempnumber.Client // they may as well be on three machines
	for i := range programs {
		client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL(service.URL), tempnumber.WithSharing(cells))
		if err != nil {
			fmt.Println(err)
			return
		}
		programs[i] = client
	}
	for _, program := range programs[:2] {
		if _, err := program.Balance(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
	}
	status, err := programs[2].SharedStatus(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, limit := range status.Limits {
		if limit.Endpoint == string(tempnumber.EndpointBalance) {
			fmt.Println(limit.Free, "of", limit.Requests, "left in this minute")
		}
	}
	// Output:
	// 8 of 10 left in this minute
}
