//go:build !check || race

package main

// pairs is how many processes order and wait at once; make check takes a hundred, but not under the race detector.
const pairs = 30
