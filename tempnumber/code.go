package tempnumber

// Code is the code that the service read out of an SMS, as text: leading zeros
// are part of it. The empty Code means that the service found none; the whole
// text is in Activation.Message. A code is a secret, so keep it out of logs.
type Code string
