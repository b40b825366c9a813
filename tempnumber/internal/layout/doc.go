// Package layout holds the check that the files of package tempnumber form no circle: each can be read
// and changed with only those below it in mind.
package layout
