package main

import (
	"strings"
	"testing"
)

func TestSummarise(t *testing.T) {
	for _, test := range []struct {
		name, in string
		ok       bool
		shows    []string
		hides    []string
	}{
		{
			name: "all pass",
			in: `{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA/sub"}
{"Action":"pass","Package":"p","Elapsed":0.5}
`,
			ok:    true,
			shows: []string{"ok    p", "2 passed, 0 failed\n"},
			hides: []string{"chatter", "skipped"},
		},
		{
			name: "one fails",
			in: `{"Action":"output","Package":"p","Test":"TestA","Output":"a_test.go:1: reason\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Output":"FAIL\tp\n"}
{"Action":"fail","Package":"p"}
`,
			shows: []string{"reason", "FAIL\tp", "1 passed, 1 failed\n"},
		},
		{
			name: "a package that does not compile",
			in: `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: undefined: x\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
{"Action":"pass","Package":"q","Test":"TestB"}
`,
			shows: []string{"undefined: x", "[build failed]", "1 passed, 1 failed\n"},
		},
		{
			name:  "a skipped test is named",
			in:    `{"Action":"output","Package":"p","Test":"TestA","Output":"no server\n"}` + "\n" + `{"Action":"skip","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p","Test":"TestB"}`,
			ok:    true,
			shows: []string{"no server", "1 skipped\n1 passed, 0 failed\n"},
		},
		{name: "nothing was tested", shows: []string{"0 passed, 0 failed\n"}},
		{name: "what is no event is shown", in: "go: no such package\n", shows: []string{"go: no such package", "0 passed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			ok, err := summarise(strings.NewReader(test.in), &out)
			if err != nil || ok != test.ok {
				t.Errorf("ok is %v, err %v", ok, err)
			}
			for _, text := range test.shows {
				if !strings.Contains(out.String(), text) {
					t.Errorf("the summary lacks %q:\n%s", text, &out)
				}
			}
			for _, text := range test.hides {
				if strings.Contains(out.String(), text) {
					t.Errorf("the summary has %q:\n%s", text, &out)
				}
			}
		})
	}
}
