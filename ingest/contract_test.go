package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// What the published schema takes, Decode takes, and what it refuses, Decode refuses: apart from what a schema cannot
// say (clocks, bytes, depth).
func TestTheSchemaAndTheDecoderAgree(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../docs/message.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	for message, fine := range map[string]bool{
		`{"body":"it is slow"}`:          true,
		`{"title":"a title alone"}`:      true,
		`{"body":"","title":"a title"}`:  true,
		`{}`:                             false,
		`{"body":""}`:                    false,
		`{"body":5}`:                     false,
		`{"body":["a"]}`:                 false,
		`["body"]`:                       false,
		`"body"`:                         false,
		`null`:                           false,
		`{"body":"x y","format":"html"}`: true,
		`{"body":"x y","format":""}`:     true,
		`{"body":"x y","format":"rtf"}`:  false,
		`{"body":"x y","occurred_at":"2026-06-03T09:14:00Z"}`:                   true,
		`{"body":"x y","occurred_at":"2026-06-03T09:14:00+02:00"}`:              true,
		`{"body":"x y","occurred_at":"yesterday"}`:                              false,
		`{"body":"x y","occurred_at":1717400000}`:                               false,
		`{"body":"x y","external_id":"ZD-1"}`:                                   true,
		`{"body":"x y","external_id":17}`:                                       false,
		`{"body":"x y","external_id":"` + strings.Repeat("a", 513) + `"}`:       false,
		`{"body":"x y","rating":5}`:                                             true,
		`{"body":"x y","rating":5.5}`:                                           false,
		`{"body":"x y","rating":"5"}`:                                           false,
		`{"body":"x y","score":-1}`:                                             false,
		`{"body":"x y","score":10}`:                                             true,
		`{"body":"x y","customer":{"id":"c1","arr":0}}`:                         true,
		`{"body":"x y","customer":{"name":"no id"}}`:                            false,
		`{"body":"x y","customer":{"id":""}}`:                                   false,
		`{"body":"x y","customer":{"id":"c1","arr":-5}}`:                        false,
		`{"body":"x y","customer":"c1"}`:                                        false,
		`{"body":"x y","author":{"id":"a","name":"B","email":"c@example.com"}}`: true,
		`{"body":"x y","author":"me"}`:                                          false,
		`{"body":"x y","attributes":{"a":1,"b":[true,null]}}`:                   true,
		`{"body":"x y","attributes":[1]}`:                                       false,
		`{"body":"x y","language":"de-AT","url":"https://crm.example/1"}`:       true,
		`{"body":"x y","language":7}`:                                           false,
		`{"body":"x y","somebody":"else's field"}`:                              true,
		`{"body":"x y","attributes":{` + manyAttributes(65) + `}}`:              false,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(message))
		if err != nil {
			t.Fatalf("%s: %v", message, err)
		}
		if err := schema.Validate(value); (err == nil) != fine {
			t.Errorf("the schema on %.80s: %v", message, err)
		}
		if _, err := Decode("acme", "tests", []byte(message), now, now); (err == nil) != fine {
			t.Errorf("the decoder on %.80s: %v", message, err)
		}
	}
}

func manyAttributes(n int) string {
	var fields []string
	for i := range n {
		fields = append(fields, `"k`+strings.Repeat("x", i)+`":1`)
	}
	return strings.Join(fields, ",")
}
