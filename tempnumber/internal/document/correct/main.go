// Command correct writes api/openapi.corrected.yaml: api/openapi.yaml with api/overlay.yaml laid over it, without
// the components that nothing uses and without what only the Go generator reads. It runs in the repository's top
// directory, before the generator, so that it is the one to say what of the overlay no longer fits.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/openapi"
	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/document"
)

const header = `# Code generated from openapi.yaml and overlay.yaml by "make generate"; DO NOT EDIT.
#
# The API as it is known to be: for clients in other languages, and for tools.
`

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run writes the corrected document of the repository at top.
func run(top string) error {
	var doc yaml.Node
	text, err := os.ReadFile(document.Path(top))
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: %w", document.Path(top), err)
	}
	corrections, err := overlay.Parse(document.OverlayPath(top))
	if err != nil {
		return err
	}
	if err := apply(corrections, &doc); err != nil {
		return err
	}
	doc.HeadComment, doc.Content[0].HeadComment, doc.Content[0].Content[0].HeadComment = "", "", ""
	dropForGo(&doc)
	corrected, err := clean(&doc)
	if err != nil {
		return err
	}
	return os.WriteFile(document.CorrectedPath(top), append([]byte(header), corrected...), 0o644) //nolint:gosec // a source like any other
}

// apply lays the overlay over doc, and names every action that has nothing to correct.
func apply(corrections *overlay.Overlay, doc *yaml.Node) error {
	var lost []string
	for i := range corrections.Actions {
		one := *corrections
		one.Actions = corrections.Actions[i : i+1]
		path, err := one.NewPath(one.Actions[0].Target, nil)
		if err != nil {
			return fmt.Errorf("api/overlay.yaml: %s: %w", one.Actions[0].Target, err)
		}
		if len(path.Query(doc)) == 0 {
			lost = append(lost, one.Actions[0].Target)
			continue
		}
		if err := one.ApplyTo(doc); err != nil {
			return fmt.Errorf("api/overlay.yaml: %s: %w", one.Actions[0].Target, err)
		}
	}
	if len(lost) > 0 {
		return fmt.Errorf("api/overlay.yaml corrects what api/openapi.yaml does not have:\n  %s\n"+
			"Where the document renamed or moved it, follow it in the overlay; where it put it right, delete the action",
			strings.Join(slices.Compact(lost), "\n  "))
	}
	return nil
}

// dropForGo removes what only the Go generator reads.
func dropForGo(node *yaml.Node) {
	for _, child := range node.Content {
		dropForGo(child)
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	var kept []*yaml.Node
	for i := 0; i < len(node.Content); i += 2 {
		if key := node.Content[i].Value; !strings.HasPrefix(key, "x-go-") && !strings.HasPrefix(key, "x-omit") {
			kept = append(kept, node.Content[i:i+2]...)
		}
	}
	node.Content = kept
}

// clean returns doc as text, without the components that nothing uses.
func clean(doc *yaml.Node) ([]byte, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(doc); err != nil {
		return nil, err
	}
	ctx := context.Background()
	parsed, _, err := openapi.Unmarshal(ctx, &text)
	if err != nil {
		return nil, err
	}
	if err := openapi.Clean(ctx, parsed); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = openapi.Marshal(ctx, parsed, &out)
	return out.Bytes(), err
}
