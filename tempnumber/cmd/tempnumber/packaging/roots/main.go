// Command roots prints the certificates of Mozilla's list of root authorities, in PEM, for an image that has
// no system of its own. It is a module of its own so that nothing else depends on the list; go.sum says which
// bytes it is.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "roots:", err)
		os.Exit(1)
	}
}

func run() error {
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue // trusted under conditions that a file of certificates cannot tell
		}
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return err
		}
		fmt.Println("#", certificate.Subject)
		if err := pem.Encode(os.Stdout, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return err
		}
	}
	return nil
}
