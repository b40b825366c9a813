//go:build !check

package bench

// thorough has tests take the larger crowds too, as make check does.
const thorough = false
