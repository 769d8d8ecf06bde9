package report

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestDocumentsFollowTheirSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../docs/pulse.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	check := func(doc *Document) error {
		data, err := JSON(doc)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	for _, f := range fixtures() {
		if err := check(draft(t, f.snapshot)); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	broken := draft(t, fieldwork())
	broken.Headline.Parts[0].Kind = "html"
	if check(broken) == nil {
		t.Error("the schema takes a part of an unknown kind")
	}
}
