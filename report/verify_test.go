package report

import (
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

func draft(t testing.TB, s feedback.Snapshot) *Document {
	t.Helper()
	doc, err := Draft(s)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// again gives the document as it comes back from where it was kept: a test may change it and no other sees it.
func again(t testing.TB, doc *Document) *Document {
	t.Helper()
	data, err := JSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseDocument(data)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestEveryDocumentVerifies(t *testing.T) {
	for _, f := range fixtures() {
		doc := draft(t, f.snapshot)
		if len(doc.Verification.Withheld) > 0 {
			t.Errorf("%s: withheld %v", f.name, doc.Verification.Withheld)
		}
		for _, d := range []*Document{doc, again(t, doc)} {
			if problems := Verify(d); len(problems) > 0 {
				t.Errorf("%s: %v", f.name, problems)
			}
		}
		if doc.Headline.String() == "" {
			t.Errorf("%s has no headline", f.name)
		}
	}
}

// claims gives every sentence of a document, to be changed in place.
func claims(doc *Document) []*Claim {
	list := []*Claim{&doc.Headline}
	for i := range doc.Summary {
		list = append(list, &doc.Summary[i])
	}
	for i := range doc.Findings {
		list = append(list, &doc.Findings[i].Claim)
	}
	return list
}

func firstPart(t *testing.T, doc *Document, kind PartKind) *Part {
	t.Helper()
	for _, c := range claims(doc) {
		for i := range c.Parts {
			if c.Parts[i].Kind == kind {
				return &c.Parts[i]
			}
		}
	}
	t.Fatalf("no %s in the document", kind)
	return nil
}

func TestVerifyCatches(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, doc *Document){
		"a changed number":            func(t *testing.T, doc *Document) { firstPart(t, doc, PartNumber).Text = "14%" },
		"a number that cites nothing": func(t *testing.T, doc *Document) { firstPart(t, doc, PartNumber).Cites = nil },
		"a changed citation":          func(t *testing.T, doc *Document) { firstPart(t, doc, PartNumber).Cites[0].Value = 0.14 },
		"a citation of another fact": func(t *testing.T, doc *Document) {
			firstPart(t, doc, PartNumber).Cites[0].Path = "/snapshot/coverage/items"
		},
		"a citation of nothing": func(t *testing.T, doc *Document) {
			firstPart(t, doc, PartNumber).Cites[0].Path = "/snapshot/clusters/99/now/items"
		},
		"a changed quote": func(t *testing.T, doc *Document) {
			p := firstPart(t, doc, PartQuote)
			p.Text = strings.Replace(p.Text, "every", "each", 1)
		},
		"a quote of another excerpt": func(t *testing.T, doc *Document) {
			firstPart(t, doc, PartQuote).Excerpt = doc.Snapshot.Clusters[0].Quotes[0].Excerpt.String()
		},
		"a changed count of what forms": func(t *testing.T, doc *Document) { doc.Snapshot.Forming.Groups[0].Now = 90 },
		"a changed number of what forms": func(t *testing.T, doc *Document) {
			formingPart(t, doc, PartNumber).Text = "12 items"
		},
		"a changed quote of what forms": func(t *testing.T, doc *Document) {
			p := formingPart(t, doc, PartQuote)
			p.Text = strings.Replace(p.Text, "second", "third", 1)
		},
		"a changed name of what forms": func(t *testing.T, doc *Document) { formingPart(t, doc, PartName).Text = "the printer" },
		"a burst that is none": func(t *testing.T, doc *Document) {
			p := formingPart(t, doc, PartWord)
			p.Cites[0], p.Cites[1] = p.Cites[1], p.Cites[0]
		},
		"a chance that is called a burst": func(t *testing.T, doc *Document) {
			i := slices.IndexFunc(doc.Findings, func(f Finding) bool { return f.Kind == Forming && !f.Sure })
			doc.Findings[i].Sure = true
		},
		"fewer groups looked at":      func(t *testing.T, doc *Document) { doc.Snapshot.Forming.Looked = 1 },
		"a quote that is empty":       func(t *testing.T, doc *Document) { firstPart(t, doc, PartQuote).Text = "" },
		"a wrong comparison":          func(t *testing.T, doc *Document) { setWord(t, doc, "more than halved", "doubled") },
		"a comparison turned around":  func(t *testing.T, doc *Document) { setWord(t, doc, "worsened", "brightened") },
		"a comparison without a rule": func(t *testing.T, doc *Document) { setWord(t, doc, "more than halved", "collapsed") },
		"a changed name":              func(t *testing.T, doc *Document) { firstPart(t, doc, PartName).Text = "Something else" },
		"another cluster's name":      func(t *testing.T, doc *Document) { p := firstPart(t, doc, PartName); p.Ref, p.Text = "C4", "Dark mode" },
		"a name of nothing":           func(t *testing.T, doc *Document) { firstPart(t, doc, PartName).Ref = "C99" },
		"a number in the text":        func(t *testing.T, doc *Document) { firstPart(t, doc, PartText).Text += "in 3 of 4 cases " },
		"a number word in the text":   func(t *testing.T, doc *Document) { firstPart(t, doc, PartText).Text += "for hundreds of users " },
		"a comparison in the text":    func(t *testing.T, doc *Document) { firstPart(t, doc, PartText).Text += "and rising " },
		"a cause in the text":         func(t *testing.T, doc *Document) { firstPart(t, doc, PartText).Text += "because of the release " },
		"a denial in the text":        func(t *testing.T, doc *Document) { firstPart(t, doc, PartText).Text += "which isn't true " },
		"a quotation in the text":     func(t *testing.T, doc *Document) { firstPart(t, doc, PartText).Text += "“so they say” " },
		"an empty sentence":           func(t *testing.T, doc *Document) { doc.Headline.Parts = nil },
		"an unknown kind of part":     func(t *testing.T, doc *Document) { firstPart(t, doc, PartText).Kind = "html" },
		"a changed statistic":         func(t *testing.T, doc *Document) { doc.Statistics.Clusters[0].Share = 0.5 },
		"a changed snapshot":          func(t *testing.T, doc *Document) { doc.Snapshot.Coverage.Spam++ },
		"a changed fact":              func(t *testing.T, doc *Document) { doc.Snapshot.Clusters[0].Now.Items++ },
		"a changed stored quote": func(t *testing.T, doc *Document) {
			q := &doc.Snapshot.Clusters[5].Quotes[0]
			q.Text = strings.ToUpper(q.Text)
		},
		"offsets that do not span":    func(t *testing.T, doc *Document) { doc.Snapshot.Clusters[5].Quotes[0].End++ },
		"a changed finding's number":  func(t *testing.T, doc *Document) { doc.Findings[0].Numbers[0].Value = 7.0 },
		"evidence that is not there":  func(t *testing.T, doc *Document) { doc.Findings[0].Evidence[0][0] ^= 1 },
		"a subject that is not there": func(t *testing.T, doc *Document) { doc.Findings[0].Subjects[0] = "account:nobody" },
		"a change that is called sure": func(t *testing.T, doc *Document) {
			i := slices.IndexFunc(doc.Findings, func(f Finding) bool { return f.Kind == Shipped && !f.Sure })
			doc.Findings[i].Sure = true
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc := again(t, draft(t, fieldwork()))
			if len(Verify(doc)) > 0 {
				t.Fatal("the document did not verify before it was changed")
			}
			change(t, doc)
			if len(Verify(doc)) == 0 {
				t.Error("the change was not seen")
			}
		})
	}
}

// formingPart gives a part of the sentence about what forms.
func formingPart(t *testing.T, doc *Document, kind PartKind) *Part {
	t.Helper()
	for i := range doc.Findings {
		if doc.Findings[i].Kind != Forming {
			continue
		}
		for j, p := range doc.Findings[i].Claim.Parts {
			if p.Kind == kind {
				return &doc.Findings[i].Claim.Parts[j]
			}
		}
	}
	t.Fatalf("no %s in a sentence about what forms", kind)
	return nil
}

func setWord(t *testing.T, doc *Document, from, to string) {
	t.Helper()
	for _, c := range claims(doc) {
		for i := range c.Parts {
			if c.Parts[i].Kind == PartWord && c.Parts[i].Text == from {
				c.Parts[i].Text = to
				return
			}
		}
	}
	t.Fatalf("the document does not say %q", from)
}

// Every single part of every sentence is bound to the facts: change the text of any number, name, quote or word, and the
// document no longer verifies.
func TestNoPartCanBeChangedAlone(t *testing.T) {
	for _, f := range fixtures() {
		doc := again(t, draft(t, f.snapshot))
		facts, err := newFacts(&doc.Snapshot)
		if err != nil {
			t.Fatal(err)
		}
		teller, n := newTeller(facts), 0
		for _, c := range claims(doc) {
			for i := range c.Parts {
				p := &c.Parts[i]
				if p.Kind == PartText {
					continue
				}
				was := *p
				p.Text = p.Text + "1"
				if len(teller.check(*c)) == 0 {
					t.Errorf("%s: %q became %q unseen", f.name, was.Text, p.Text)
				}
				*p = was
				n++
			}
		}
		if n == 0 {
			t.Errorf("%s: no part was tried", f.name)
		}
	}
}

func TestWordsHoldOnlyWhereTheyShould(t *testing.T) {
	for _, c := range []struct {
		word string
		x    []float64
		want bool
	}{
		{"doubled", []float64{10, 5}, true}, {"doubled", []float64{10, 6}, false}, {"doubled", []float64{20, 5}, false},
		{"more than doubled", []float64{11, 5}, true}, {"more than doubled", []float64{9.9, 5}, false}, {"more than doubled", []float64{5, 0}, false},
		{"most", []float64{6, 11}, true}, {"most", []float64{5, 10}, false},
		{"fell", []float64{1, 2}, true}, {"fell", []float64{2, 2}, false}, {"rose", []float64{2, 2}, false},
		{"more than halved", []float64{2, 5}, true}, {"more than halved", []float64{3, 5}, false},
		{"nothing", []float64{0}, true}, {"nothing", []float64{1}, false},
		{"is new", []float64{1}, true}, {"is new", []float64{0}, false},
		{"all but new", []float64{9, 1}, true}, {"all but new", []float64{8, 2}, false},
		{"fell silent", []float64{0, 3}, true}, {"fell silent", []float64{1, 3}, false}, {"is back", []float64{3, 0}, true},
		{"loud but cheap", []float64{45, 20, 10, 500}, true}, {"loud but cheap", []float64{45, 20, 400, 500}, false}, {"loud but cheap", []float64{20, 20, 10, 500}, false},
		{"fell", []float64{1}, false}, {"no feature fits", []float64{1}, false},
	} {
		if got := words[c.word](c.x); got != c.want {
			t.Errorf("%q for %v: %v", c.word, c.x, got)
		}
	}
}

func FuzzParseDocument(f *testing.F) {
	data, err := JSON(draft(f, single()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"schema":"earshot.pulse/1"}`))
	f.Add([]byte(`{"schema":"earshot.pulse/1","headline":{"parts":[{"kind":"word","text":"the largest","cites":[{"path":"/snapshot/clusters/0/id","value":1}]}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := ParseDocument(data)
		if err != nil {
			if feedback.ErrorCode(err) != feedback.Invalid {
				t.Fatal(err)
			}
			return
		}
		Verify(doc)
		Markdown(doc)
		Text(doc, TextOptions{})
		if _, err := HTML(doc, Options{}); err != nil {
			t.Fatal(err)
		}
	})
}
