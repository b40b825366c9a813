// Package programs tests what programs that share a key do together: real processes, a real
// file or Redis between them, and a strict service.
package programs
