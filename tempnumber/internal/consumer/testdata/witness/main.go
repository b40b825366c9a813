// Command witness links what a program that imports the client must not, to
// prove that it would be noticed.
package main

import (
	_ "github.com/stretchr/testify/require"
	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func main() {
	_, _ = tempnumber.New("")
}
