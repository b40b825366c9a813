//go:build !check

package poll

// thorough has the simulations take the longest crowds too, as make check does.
const thorough = false
