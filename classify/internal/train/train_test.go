package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/classify/internal/head"
	"earshot/internal/glove"
)

func TestTheGradientIsThatOfTheLoss(t *testing.T) {
	p := &problem{sparse: 2, dense: 1, classes: 3, penalty: 0.7, rows: []row{
		{at: []int32{0}, value: []float64{1.5}, dense: []float64{0.3}, weight: 1, label: 0},
		{at: []int32{0, 1}, value: []float64{-1, 2}, dense: []float64{0}, weight: 2, label: 2},
		{dense: []float64{-1}, weight: 0.5, label: 1},
	}}
	w := make([]float64, p.size())
	for i := range w {
		w[i] = math.Sin(float64(i))
	}
	grad, other := make([]float64, len(w)), make([]float64, len(w))
	p.loss(w, grad)
	for i := range w {
		const h = 1e-6
		at := w[i]
		w[i] = at + h
		up := p.loss(w, other)
		w[i] = at - h
		down := p.loss(w, other)
		w[i] = at
		if want := (up - down) / (2 * h); math.Abs(grad[i]-want) > 1e-6 {
			t.Errorf("weight %d: gradient %.8f, not %.8f", i, grad[i], want)
		}
	}
	before := p.loss(w, other)
	if after := p.loss(p.fit(50), other); after >= before {
		t.Errorf("the fit ends at %.4f, above %.4f", after, before)
	}
}

// TestTheBakedModelSaysWhatTheFitSays holds the rows of whole numbers, in which pieces and meanings are baked into words,
// to the fit in floating point.
func TestTheBakedModelSaysWhatTheFitSays(t *testing.T) {
	texts, err := readTexts("texts/plain.csv")
	if err != nil {
		t.Fatal(err)
	}
	source := glove.Vectors{Words: []string{"app", "slow", "crash", "refund"}}
	for i := range source.Words {
		v := make([]float64, glove.Dims)
		v[i] = 2
		source.Rows = append(source.Rows, v)
	}
	m := newMeanings(source)
	examples, err := prepare(texts, m)
	if err != nil {
		t.Fatal(err)
	}
	var all []*example
	for i := range examples {
		all = append(all, &examples[i])
	}
	model, err := head.Decode(bake(examples, m, [len(tasks)]float64{1, 1, 1}).Encode())
	if err != nil {
		t.Fatal(err)
	}
	f := fitTask(all, 0)
	for _, e := range examples {
		var sum head.Sum
		for _, f := range e.cues.Features {
			model.Add(&sum, f.ID, int32(2*f.Times))
		}
		pieces := e.cues.Pieces
		for _, word := range e.cues.Words {
			n := len(head.Pieces(nil, []byte(word)))
			if model.Find(head.Feature(head.Word, head.HashWord([]byte(word)), 0)) == nil {
				for _, f := range pieces[:n] {
					model.Add(&sum, f.ID, int32(2*f.Times))
				}
			}
			pieces = pieces[n:]
		}
		for k := range sum {
			sum[k] /= 2
		}
		evidence := make([]int32, len(e.cues.Evidence))
		for i, v := range e.cues.Evidence {
			evidence[i] = int32(math.Round(v * head.Whole))
		}
		got := model.Scores(&sum, evidence, len(e.cues.Words))
		want := f.scores(&e, 0)
		for k := 1; k < 3; k++ {
			if d := float64(got[k]-got[0])/head.One - (want[k] - want[0]); math.Abs(d) > 0.1 {
				t.Errorf("%q: class %d is %.3f off", e.words, k, d)
			}
		}
	}
}

func TestAFaultyFileOfTextsSaysWhere(t *testing.T) {
	for content, want := range map[string]string{
		"text,sentiment,kind,severity\nok,good,praise,0\n": `row 2: "good" is no sentiment`,
		"text,mood\nok,good\n":                             "its columns are not",
		"text,sentiment,kind,severity\nok,neutral\n":       "wrong number of fields",
	} {
		file := filepath.Join(t.TempDir(), "x.csv")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readTexts(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, without %q", content, err, want)
		}
	}
}

func TestATextOfTwoWritersIsKeptOnce(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"a.csv": "Meh\nslow", "b.csv": " meh\nfast", "work.csv": "MEH"} {
		rows := "text,sentiment,kind,severity\n"
		for line := range strings.SplitSeq(content, "\n") {
			rows += line + ",neutral,other,0\n"
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(rows), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	work := filepath.Join(t.TempDir(), "labels_work.csv")
	if err := os.Rename(filepath.Join(folder, "work.csv"), work); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(folder, work)
	if err != nil || len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
}
