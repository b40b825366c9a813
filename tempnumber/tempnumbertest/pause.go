package tempnumbertest

import "time"

// pause waits for d and reports whether it got that far before left was closed.
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
