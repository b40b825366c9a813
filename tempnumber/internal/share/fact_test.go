package share

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawFact(t *rapid.T) Fact {
	f := Fact{
		Kind: Kind(rapid.IntRange(1, 60).Filter(func(k int) bool { return Kind(k) != Clock }).Draw(t, "kind")), Endpoint: rapid.String().Draw(t, "endpoint"),
		ID: rapid.Uint64().Draw(t, "id"), Activation: rapid.Int64().Draw(t, "activation"),
		For: time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "for")) * round, Age: time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "age")) * round,
		Since: time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "since")) * round,
		Page:  rapid.IntRange(0, 9).Draw(t, "page"), Size: rapid.IntRange(0, 100).Draw(t, "size"), Total: rapid.IntRange(0, 1000).Draw(t, "total"),
		Outcome: rapid.IntRange(0, 3).Draw(t, "outcome"), Flags: Flags(rapid.IntRange(0, 63).Draw(t, "flags")),
		Amount: rapid.Int64().Draw(t, "amount"), Pair: rapid.String().Draw(t, "pair"),
	}
	if data := rapid.SliceOf(rapid.Byte()).Draw(t, "data"); len(data) > 0 {
		f.Data = data
	}
	for range rapid.IntRange(0, 5).Draw(t, "rows") {
		f.Rows = append(f.Rows, Row{rapid.Int64Range(-1e15, 1e15).Draw(t, "row"), Flags(rapid.IntRange(0, 63).Draw(t, "flags"))})
	}
	return f
}

func TestMessageComesBack(t *testing.T) {
	sealer, err := NewSealer("offline-key", "https://example.org")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		m := message{program: rapid.Uint64().Draw(t, "program"), clock: time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "clock")) * round}
		for range rapid.IntRange(0, 5).Draw(t, "facts") {
			m.facts = append(m.facts, drawFact(t))
		}
		sealed := sealer.seal("epoch", 3, m.encode())
		data, err := sealer.open("epoch", 3, sealed)
		require.NoError(t, err)
		got, err := decodeMessage(data)
		require.NoError(t, err)
		require.Equal(t, m, got)
	})
}

func TestMessageOfAnotherVersion(t *testing.T) {
	b := message{7, 0, []Fact{{Kind: 200, Activation: 5}}}.encode()
	b = b[:len(b)-1]
	b = append(b, 60<<1, 4, 61<<1|text, 2, 'h', 'i', fieldEnd) // fields of a later version
	known := Fact{Kind: Hold, Endpoint: "GET /x", ID: 9}
	b = known.append(b)
	m, err := decodeMessage(b)
	require.NoError(t, err)
	require.Equal(t, message{7, 0, []Fact{{Kind: 200, Activation: 5}, known}}, m, "what is not known is left out, the rest is not")

	b[0] = format + 1
	_, err = decodeMessage(b)
	require.ErrorIs(t, err, errLater)
	_, err = decodeMessage([]byte{format + 1})
	require.ErrorIs(t, err, errLater)
	b[0] = 0
	_, err = decodeMessage(b)
	require.ErrorIs(t, err, errMalformed)
}

func TestSeal(t *testing.T) {
	one, err := NewSealer("offline-key", "https://example.org")
	require.NoError(t, err)
	for _, other := range [][2]string{{"another-key", "https://example.org"}, {"offline-key", "https://example.com"}} {
		s, err := NewSealer(other[0], other[1])
		require.NoError(t, err)
		require.NotEqual(t, one.Name(), s.Name())
		_, err = s.open("e", 1, one.seal("e", 1, []byte("secret")))
		require.Error(t, err)
	}
	sealed := one.seal("e", 1, []byte("secret"))
	require.NotContains(t, string(sealed), "secret")
	_, err = one.open("another", 1, sealed)
	require.Error(t, err, "an entry of another epoch")
	_, err = one.open("e", 2, sealed)
	require.Error(t, err, "an entry of another fence")
	for i := range sealed {
		forged := append([]byte{}, sealed...)
		forged[i] ^= 1
		_, err = one.open("e", 1, forged)
		require.Error(t, err)
	}
	_, err = one.open("e", 1, sealed[:5])
	require.Error(t, err)
}

func FuzzMessage(f *testing.F) {
	f.Add(message{7, 0, []Fact{{Kind: Seen, Page: 1, Rows: []Row{{5, HasSMS}}}}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeMessage(b)
		if err != nil {
			return
		}
		again, err := decodeMessage(m.encode())
		require.NoError(t, err)
		require.Len(t, again.facts, len(m.facts))
		NewState(time.Now(), map[string]Limit{"a": {10, time.Minute}}, "a", "b").Apply(m.program, m.facts, 0)
	})
}

// Whatever a program with the key has written, reading it ends with an error at worst.
func TestMalformedFacts(t *testing.T) {
	overlong := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}
	for name, fact := range map[string][]byte{
		"nothing after the kind":    {byte(Alive)},
		"a field without its value": {byte(Alive), fieldID << 1},
		"half a number":             {byte(Alive), fieldID << 1, 0x80},
		"a number too long":         append([]byte{byte(Alive), fieldID << 1}, overlong...),
		"a text without its length": {byte(Alive), fieldPair<<1 | text},
		"half a length":             {byte(Alive), fieldPair<<1 | text, 0x80},
		"a length too long":         append([]byte{byte(Alive), fieldPair<<1 | text}, overlong...),
		"a text cut short by one":   {byte(Alive), fieldPair<<1 | text, 3, 'a', 'b'},
		"a text cut short":          {byte(Alive), fieldPair<<1 | text, 60, 'a', 'b'},
		"a text and no end":         {byte(Alive), fieldPair<<1 | text, 2, 'a', 'b'},
		"a row without its flags":   {byte(Seen), fieldRows<<1 | text, 1, 10, fieldEnd},
		"half a row":                {byte(Seen), fieldRows<<1 | text, 1, 0x80, fieldEnd},
		"a row too long":            append(append([]byte{byte(Seen), fieldRows<<1 | text, byte(len(overlong))}, overlong...), fieldEnd),
	} {
		_, err := decodeMessage(append(message{program: 7}.encode(), fact...))
		require.ErrorIs(t, err, errMalformed, name)
	}
	for _, b := range [][]byte{nil, {format}, message{program: 7}.encode()[:8]} {
		_, err := decodeMessage(b)
		require.ErrorIs(t, err, errMalformed)
	}
	m, err := decodeMessage(message{program: 7}.encode())
	require.NoError(t, err)
	require.Equal(t, message{program: 7}, m)
}

// The encoding is compact: what is zero is not there.
func TestSizes(t *testing.T) {
	alive, wait := Fact{Kind: Alive}, Fact{Kind: Wait, Activation: 123456, For: 20 * time.Minute, Age: time.Second}
	require.Equal(t, []byte{byte(Alive), fieldEnd}, alive.append(nil))
	require.Len(t, wait.append(nil), 16)
	require.Len(t, message{7, 0, []Fact{alive}}.encode(), 11)
}

func TestSealPacks(t *testing.T) {
	s, err := NewSealer("offline-key", "https://example.org")
	require.NoError(t, err)
	const overhead = 12 + 1 + 16
	require.Len(t, s.seal("e", 1, make([]byte, packFrom-1)), packFrom-1+overhead)
	require.Less(t, len(s.seal("e", 1, make([]byte, packFrom))), packFrom/2)
	for _, n := range []int{0, 1, packFrom - 1, packFrom, 100_000} {
		got, err := s.open("e", 1, s.seal("e", 1, make([]byte, n)))
		require.NoError(t, err)
		require.Len(t, got, n)
	}
	bomb, err := s.open("e", 1, s.seal("e", 1, make([]byte, maxUnpacked+1)))
	require.NoError(t, err)
	require.Len(t, bomb, maxUnpacked, "no entry takes more memory than that")
	_, err = s.open("e", 1, s.aead.Seal(make([]byte, 12), make([]byte, 12), nil, associated("e", 1)))
	require.ErrorIs(t, err, errSealed, "empty")
}
