package cli

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// apiVersion is the version of the service's API that the tool is made for.
const apiVersion = "1.3.8"

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  "Print the version of the tool, of Go and of the service's API.",
		Args:  exactly(0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			v := newVersion()
			return printOne(p, v, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, v)
				return err
			})
		},
	}
}

// versionView is the version as it is printed for programs.
type versionView struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	API      string `json:"api"`
}

func newVersion() versionView {
	return versionView{tempnumber.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, apiVersion}
}

func (v versionView) String() string {
	return fmt.Sprintf("tempnumber %s (%s, %s, API %s)", v.Version, v.Go, v.Platform, v.API)
}
