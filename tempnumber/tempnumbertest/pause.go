package tempnumbertest

import "time"

// pause waits for d, and tells whether nobody left meanwhile. A nil channel stays.
func pause(left <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-left:
		return false
	}
}
