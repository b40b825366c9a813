//go:build !check

package main

// pairs is how many processes order and wait at once; make check takes a hundred.
const pairs = 30
