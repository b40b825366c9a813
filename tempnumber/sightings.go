package tempnumber

import "time"

// recently is how long it is worth knowing when an activation was last seen.
const recently = 30 * time.Second

// sightings remember for a while when activations were seen that nobody waits for
// yet: a wait that begins soon after its order need not be looked at as urgently as
// one of which nothing is known. They come in two halves, of which the older is dropped
// as a whole, so that remembering costs the same however many there are.
type sightings struct {
	begun          time.Time // when the younger half was
	younger, older map[ActivationID]time.Time
}

// note remembers that an activation was seen now, waiting for its SMS.
func (s *sightings) note(id ActivationID) {
	now := time.Now()
	if s.younger == nil || now.Sub(s.begun) > recently {
		s.begun, s.younger, s.older = now, make(map[ActivationID]time.Time), s.younger
	}
	s.younger[id] = now
}

// of tells when an activation was seen, zero when that is not known or long ago.
func (s *sightings) of(id ActivationID) time.Time {
	at, ok := s.younger[id]
	if !ok {
		at, ok = s.older[id]
	}
	if !ok || time.Since(at) > recently {
		return time.Time{}
	}
	return at
}

// forget drops an activation.
func (s *sightings) forget(id ActivationID) {
	delete(s.younger, id)
	delete(s.older, id)
}
