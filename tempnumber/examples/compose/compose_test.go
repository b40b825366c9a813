// Package compose holds the compose file against the specification, with the loader
// that docker compose itself uses.
package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

func TestCompose(t *testing.T) {
	content, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: ".", ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: content}},
	}, func(o *loader.Options) { o.SetProjectName("examples", true) })
	if err != nil {
		t.Fatal(err)
	}
	for name, service := range project.Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(filepath.Join(volume.Source)); err != nil {
				t.Errorf("%s mounts what is not there: %v", name, err)
			}
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes port %s beyond this machine", name, port.Published)
			}
		}
		for variable, value := range service.Environment {
			host, isURL := strings.CutPrefix(*value, "http://")
			host, _, _ = strings.Cut(host, ":")
			if _, err := project.GetService(host); isURL && err != nil {
				t.Errorf("%s of %s names a host that is no service: %v", variable, name, err)
			}
		}
	}
	sms, err := project.GetService("sms")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(sms.Command, " "), "--allow-host sms") || sms.HealthCheck == nil {
		t.Errorf("the service in a box must let itself be called by its name, and say when it is ready")
	}
}
