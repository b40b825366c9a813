package share

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawFact(t *rapid.T) Fact {
	f := Fact{
		Kind: Kind(rapid.IntRange(1, 60).Draw(t, "kind")), Endpoint: rapid.String().Draw(t, "endpoint"),
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
		m := message{program: rapid.Uint64().Draw(t, "program")}
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
	b := message{7, []Fact{{Kind: 200, Activation: 5}}}.encode()
	b = b[:len(b)-1]
	b = append(b, 60<<1, 4, 61<<1|text, 2, 'h', 'i', fieldEnd) // fields of a later version
	known := Fact{Kind: Hold, Endpoint: "GET /x", ID: 9}
	b = known.append(b)
	m, err := decodeMessage(b)
	require.NoError(t, err)
	require.Equal(t, message{7, []Fact{{Kind: 200, Activation: 5}, known}}, m, "what is not known is left out, the rest is not")

	b[0] = format + 1
	_, err = decodeMessage(b)
	require.Error(t, err)
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
	f.Add(message{7, []Fact{{Kind: Seen, Page: 1, Rows: []Row{{5, HasSMS}}}}}.encode())
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
