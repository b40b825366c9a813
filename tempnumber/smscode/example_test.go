package smscode_test

import (
	"fmt"

	"github.com/tempnumber/tempnumber-go/tempnumber/smscode"
)

func ExampleFind() {
	fmt.Println(smscode.Find("Your card ending in 4471 needs a code: 05 59 21"))
	fmt.Println(smscode.Find("رمز التحقق الخاص بك هو ٤٨٢٩١٣"))
	fmt.Printf("%q\n", smscode.Find("Your order 5584120 has shipped."))
	// Output:
	// 055921
	// 482913
	// ""
}

func ExampleFindDigits() {
	fmt.Println(smscode.FindDigits("Your login code is 7731, your card's PIN is 482913.", 6))
	// Output: 482913
}
