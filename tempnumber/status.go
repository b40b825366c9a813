package tempnumber

// Status is where an activation stands. It is an open set: a status that this
// version does not know is kept as the service wrote it, and a wait goes on
// polling through it.
type Status string

// The states of an activation, from the service's document 1.3.8.
// StatusServiceConsumed is not documented; other clients of the API have met it.
const (
	StatusNumberRequested Status = "numberRequested" // asked for, no number yet
	StatusNumberReceived  Status = "numberReceived"  // there is a number
	StatusSMSRequested    Status = "smsRequested"    // waiting for the SMS
	StatusSMSReceived     Status = "smsReceived"     // the SMS is here
	StatusRetryRequested  Status = "retryRequested"  // waiting for another SMS
	StatusRetryReceived   Status = "retryReceived"   // another SMS is here
	StatusError           Status = "error"           // failed for good
	StatusRefunded        Status = "refunded"        // cancelled, the money is back; the ordinary end of a number nobody texted
	StatusServiceConsumed Status = "serviceConsumed" // the SMS was delivered and the number is used up
)

// Known tells whether this version of the package knows the status.
func (s Status) Known() bool {
	switch s {
	case StatusNumberRequested, StatusNumberReceived, StatusSMSRequested, StatusSMSReceived,
		StatusRetryRequested, StatusRetryReceived, StatusError, StatusRefunded, StatusServiceConsumed:
		return true
	}
	return false
}

// Terminal tells whether nothing can happen to the activation any more: it
// failed, was refunded, or is used up. A status with an SMS is not terminal as
// such, because another SMS may be asked for. Unknown statuses are not terminal.
func (s Status) Terminal() bool {
	return s == StatusError || s == StatusRefunded || s == StatusServiceConsumed
}

// HasSMS tells whether an SMS is there to be read.
func (s Status) HasSMS() bool {
	return s == StatusSMSReceived || s == StatusRetryReceived || s == StatusServiceConsumed
}
