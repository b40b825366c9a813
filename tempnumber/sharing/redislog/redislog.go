// Package redislog is a log of package sharing in Redis, for the programs of many machines.
//
//	client := redis.NewClient(&redis.Options{Addr: "redis.internal:6379"})
//	c, err := tempnumber.New(key, tempnumber.WithSharing(redislog.New(client)))
//
// It needs Redis 6.2 or later, or Valkey: tried with Redis 6.2, 7.0 and 8, with Valkey 8.0, with a cluster and behind a
// sentinel. Each key and base URL has a stream and a hash,
// "tempnumber:{NAME}:log" and "tempnumber:{NAME}:state", in one slot of a cluster. The name is a
// hash, and entries are sealed with the key. The user needs EVALSHA, EVAL, XREAD, and what the scripts run, INFO among it.
//
// # What happens when
//
//   - Redis was emptied, restarted or replaced by another server: a new epoch begins, and
//     nothing is sent until nothing of before can count any more, about three minutes. That it is
//     another server shows by its run_id, so a replica that takes over, or an older
//     snapshot, is noticed too. Two servers that each serve some of the programs, as when a network is
//     cut in two, know nothing of each other, and each allows the whole limit; min-replicas-to-write ends that.
//   - A sentinel lets a replica take over: as above, if New was given a client that asks the sentinel
//     (redis.UniversalOptions with a MasterName).
//   - Redis Cluster: give New a client of the whole cluster. When a key moves to another server, that is
//     another server as above.
//   - An empty Redis looks like one that was emptied, so first use waits as well. In CI, where
//     the Redis is as new as the job, say so by New(client, Fresh()).
//   - Redis does not answer: nothing is sent, and calls fail with a *tempnumber.SharingError.
//   - Redis has no room left (maxmemory): the same. With an eviction policy it may drop the
//     log, which is a loss like any other; use noeviction.
//   - Its clock jumps: slots are free when both the clock of Redis and the program's own say so.
//     A program that begins later goes by the clock of its machine, and by those of the programs that
//     have said something before the jump and after. What nobody can tell it is that all clocks were set
//     forward at once, and no program has said anything since. A machine whose clock is behind others
//     lets the programs that begin there wait, for a window at most.
package redislog

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// blockFor is how long one XREAD waits. A reader that is no longer wanted lasts that long at most.
const blockFor = time.Second

// Redis has logs. It is what tempnumber.WithSharing asks for.
type Redis struct {
	client redis.UniversalClient
	fresh  bool
}

// Option changes what New returns.
type Option func(*Redis)

// Fresh says that this Redis is new, and that no program has used a key of it before: an empty log is
// not taken for one that was lost, and opens at once. For service containers of CI jobs. Where Redis is emptied or
// restarted while programs use it, those that start afterwards take it for new again.
func Fresh() Option { return func(r *Redis) { r.fresh = true } }

// New returns the logs in a Redis. The client stays the caller's, to be closed when no program uses it any more.
func New(client redis.UniversalClient, opts ...Option) Redis {
	r := Redis{client: client}
	for _, opt := range opts {
		opt(&r)
	}
	return r
}

// Dial returns the logs in the Redis at a URL, such as redis://user:password@host:6379/0 or rediss://… over TLS.
// The fragment #new is Fresh. Nothing is sent yet, and the connections last as long as the program. Errors do not
// repeat the URL, which may hold a password.
func Dial(url string) (Redis, error) {
	url, fresh := strings.CutSuffix(url, "#new")
	options, err := redis.ParseURL(url)
	if err != nil {
		return Redis{}, errors.New("redislog: the URL is not one of Redis; write it like redis://user:password@host:6379/0")
	}
	options.ContextTimeoutEnabled = true
	options.MaxRetries = 1 // whoever uses the log tries again
	options.DialerRetries = 1
	options.DialTimeout = 2 * time.Second
	// A new connection asks for nothing first, so that a Redis that is slow or far answers in time.
	options.Protocol, options.DisableIdentity = 2, true
	r := New(redis.NewClient(options))
	r.fresh = fresh
	return r, nil
}

// Open returns the log of a name. Nothing is sent yet.
func (r Redis) Open(name string) (sharing.Log, error) {
	if name == "" || strings.ContainsAny(name, "{}") {
		return nil, fmt.Errorf("redislog: %q is no name of a log", name)
	}
	tag := "tempnumber:{" + name + "}:"
	return &Log{client: r.client, keys: []string{tag + "log", tag + "state"}, fresh: r.fresh}, nil
}

// Log is a log in Redis. Redis.Open makes it.
type Log struct {
	client redis.UniversalClient
	keys   []string // the stream and the hash
	fresh  bool
}

//go:embed exchange.lua
var exchangeSource string

//go:embed compact.lua
var compactSource string

// Read returns what was appended after a cursor.
func (l *Log) Read(ctx context.Context, after sharing.Cursor) (sharing.View, error) {
	return l.exchange(ctx, sharing.Append{After: after}, "read")
}

// Append adds an entry at the end.
func (l *Log) Append(ctx context.Context, a sharing.Append) (sharing.View, error) {
	how := "append"
	if a.Test {
		how = "test"
	}
	return l.exchange(ctx, a, how)
}

func (l *Log) exchange(ctx context.Context, a sharing.Append, how string) (v sharing.View, err error) {
	fresh := "0"
	if l.fresh {
		fresh = "1"
	}
	reply, err := redis.NewScript(exchangeSource).Run(ctx, l.client, l.keys,
		a.After.Epoch, a.After.Position, how, int(a.Fence), a.Data, rand.Text()[:16], fresh).Slice()
	if err != nil {
		return v, problem(ctx, err)
	}
	r := reader{fields: reply}
	v.Epoch = sharing.Epoch{ID: r.text(), Began: r.moment(), New: r.text() == "1"}
	v.Now = r.moment()
	v.Appended = r.text() == "1"
	if base := r.number(); base > 0 {
		v.Snapshot = &sharing.Snapshot{UpTo: sharing.Cursor{Epoch: v.Epoch.ID, Position: base}, At: r.moment(), Data: []byte(r.text())}
	} else {
		r.skip(2)
	}
	for _, entry := range r.list() {
		e := reader{fields: entry}
		v.Entries = append(v.Entries, sharing.Entry{Position: e.number(), At: e.moment(), Fence: uint8(e.number()), Data: []byte(e.text())})
		r.failed = r.failed || e.failed
	}
	if r.failed {
		return sharing.View{}, errors.New("redislog: Redis answered something else than the script does")
	}
	return v, nil
}

// problem returns an error of Redis, and the context's where that is why.
func problem(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		return fmt.Errorf("redislog: %w: %w", err, ctx.Err())
	}
	switch {
	case redis.HasErrorPrefix(err, "NOAUTH"), strings.Contains(err.Error(), "unauthenticated"):
		return fmt.Errorf("redislog: Redis asks for a password, and none was given: %w", err)
	case redis.HasErrorPrefix(err, "MOVED"):
		return fmt.Errorf("redislog: this Redis is one of a cluster; give New a client of all of it, as redis.NewUniversalClient makes: %w", err)
	}
	return fmt.Errorf("redislog: %w", err)
}

// Wait returns when something was appended after a cursor, after a second, or when ctx ends.
func (l *Log) Wait(ctx context.Context, after sharing.Cursor) error {
	// A read that blocks does not heed ctx, so it is left behind.
	done := make(chan error, 1)
	go func() {
		err := l.client.XRead(context.WithoutCancel(ctx), &redis.XReadArgs{
			Streams: []string{l.keys[0], "0-" + strconv.FormatInt(after.Position, 10)}, Count: 1, Block: blockFor,
		}).Err()
		if errors.Is(err, redis.Nil) {
			err = nil
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return problem(ctx, err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Compact replaces the entries up to a place by a snapshot.
func (l *Log) Compact(ctx context.Context, s sharing.Snapshot) error {
	err := redis.NewScript(compactSource).Run(ctx, l.client, l.keys, s.UpTo.Epoch, s.UpTo.Position, s.At.Microseconds(), s.Data).Err()
	if err != nil {
		return problem(ctx, err)
	}
	return nil
}

// reader reads the fields of an answer one after the other.
type reader struct {
	fields []any
	failed bool
}

func (r *reader) next() any {
	if len(r.fields) == 0 {
		r.failed = true
		return nil
	}
	field := r.fields[0]
	r.fields = r.fields[1:]
	return field
}

func (r *reader) skip(n int) {
	for range n {
		r.next()
	}
}

func (r *reader) text() string {
	s, ok := r.next().(string)
	r.failed = r.failed || !ok
	return s
}

func (r *reader) number() int64 {
	n, err := strconv.ParseInt(r.text(), 10, 64)
	r.failed = r.failed || err != nil
	return n
}

func (r *reader) moment() time.Duration { return time.Duration(r.number()) * time.Microsecond }

func (r *reader) list() (lists [][]any) {
	all, ok := r.next().([]any)
	r.failed = r.failed || !ok
	for _, one := range all {
		list, ok := one.([]any)
		r.failed = r.failed || !ok
		lists = append(lists, list)
	}
	return lists
}
