//go:build !check

package tempnumber_test

// thorough has tests take the larger crowds and more seeds too, as make check does.
const thorough = false
