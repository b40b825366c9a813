//go:build check

package poll

// thorough has the simulations take the longest crowds too.
const thorough = true
