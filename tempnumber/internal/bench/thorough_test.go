//go:build check

package bench

// thorough has tests take the larger crowds too.
const thorough = true
