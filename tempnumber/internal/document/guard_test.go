package document_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/document"
)

// converted lists the types that the code was written for: the fields of each model, as "name:type". A field that is
// not here is none of this test's business; package guard asks whether it is read or sent.
var converted = map[string]string{
	"ActivationData": "code:string|number countryCode:number countryIconPath:string countryId:string countryName:string createdAt:number " +
		"formatNumber:string iconBaseUrl:string id:number message:string nationalNumber:number number:number numberExpireAt:number " +
		"price:number rating:number reason:number retryAvailable:boolean serviceIconPath:string serviceId:string serviceName:string " +
		"status:string utc:number",
	"ActivationUpdate":   "status:string",
	"ActivationsHistory": "activations:[]ActivationData limit:number page:number pages:number total:number",
	"CountryPrice":       "c:string p:number",
	"Error":              "errorMessage:string errorName:string newPrice:number",
	"NewActivation":      "countryId:string expectedPrice:number serviceId:string",
	"PriceByCountry":     "c:string services:[]ServicePrice",
	"PriceByService":     "countries:[]CountryPrice s:string",
	"Response200":        "result:string",
	"Service": "countryIconPath:string countryId:string countryName:string hasNumbers:boolean isVirtual:boolean price:number " +
		"serviceIconPath:string serviceId:string serviceName:string snippet:string warning:string",
	"ServicePrice":  "p:number s:string",
	"SingleService": "iconBaseUrl:string services:[]Service",
	"UserBalance":   "balance:number review_balance:number",
}

// TestTypesAreThoseThatTheCodeConverts compares the models of the document with the code. It compiles whatever the
// document says, and so speaks before the compiler does.
func TestTypesAreThoseThatTheCodeConverts(t *testing.T) {
	doc, err := document.Corrected(top)
	require.NoError(t, err)
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(converted)) {
		model, ok := doc.Components.Schemas[name]
		if !ok {
			problems = append(problems, gone(doc, name))
			continue
		}
		now := types(model.Value)
		for field, was := range fieldsOf(name) {
			switch is := now[field]; is {
			case was:
			case "":
				problems = append(problems, fmt.Sprintf("%s.%s is gone: take it out of %s, and out of the table in this test.",
					name, field, users(t, name)))
			default:
				problems = append(problems, fmt.Sprintf("%s.%s was a %s and is now a %s: convert the new type in %s, and write it into the table in this test.",
					name, field, was, is, users(t, name)))
			}
		}
	}
	require.Empty(t, problems, "the models of the document are not those that the code converts")
}

// gone says what became of a model that the document no longer has.
func gone(doc *openapi3.T, name string) string {
	was := fieldsOf(name)
	for _, other := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		if _, known := converted[other]; !known && maps.Equal(types(doc.Components.Schemas[other].Value), was) {
			return fmt.Sprintf("the model %s is called %s now: follow the name in every file that says gen.%s, and in the table in this test.", name, other, name)
		}
	}
	return fmt.Sprintf("the model %s is gone: take it out of every file that says gen.%s, and out of the table in this test.", name, name)
}

func fieldsOf(model string) map[string]string {
	fields := map[string]string{}
	for _, field := range strings.Fields(converted[model]) {
		name, kind, _ := strings.Cut(field, ":")
		fields[name] = kind
	}
	return fields
}

// types returns the type of each field of a model.
func types(model *openapi3.Schema) map[string]string {
	all := map[string]string{}
	for name, field := range model.Properties {
		all[name] = typeOf(field)
	}
	return all
}

func typeOf(schema *openapi3.SchemaRef) string {
	if schema.Ref != "" {
		return filepath.Base(schema.Ref)
	}
	s := schema.Value
	if len(s.OneOf) > 0 {
		var either []string
		for _, one := range s.OneOf {
			either = append(either, typeOf(one))
		}
		return strings.Join(either, "|")
	}
	if s.Type.Is("array") {
		return "[]" + typeOf(s.Items)
	}
	return strings.Join(s.Type.Slice(), "|")
}

// users lists the files that use the generated model.
func users(t *testing.T, model string) string {
	t.Helper()
	var files []string
	code := os.DirFS(filepath.Join(top, "tempnumber"))
	require.NoError(t, fs.WalkDir(code, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(code, path)
		if strings.Contains(string(text), "gen."+model) {
			files = append(files, "tempnumber/"+path)
		}
		return err
	}))
	if len(files) == 0 {
		return "the code"
	}
	return strings.Join(files, ", ")
}
