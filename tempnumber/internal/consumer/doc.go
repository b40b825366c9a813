// Package consumer looks at the module from outside, as a program of somebody
// else's that imports it. It has tests only.
//
// The programs under testdata are built in a module of their own, away from the
// checkout, so that nothing of this module's tests and tools can come along
// unnoticed.
package consumer
