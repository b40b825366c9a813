//go:build check && !race

package main

// pairs is how many processes order and wait at once.
const pairs = 100
