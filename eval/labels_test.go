package eval_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"earshot/classify"
	"earshot/eval"
	"earshot/feedback"
)

// TestLabelsOfTheWorkingSet holds the labels to a floor on the texts that they were developed on, and prints the figures
// with -v. What they are worth on other texts, only texts that nobody looked at can tell.
func TestLabelsOfTheWorkingSet(t *testing.T) {
	file, err := os.Open("testdata/labels_work.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	labeller := classify.NewLabeller()
	var truth, predicted [3][]string
	for _, row := range rows[1:] {
		got := labeller.Label(row[0], classify.Hint{})
		sentiment := "neutral"
		switch {
		case got.Sentiment < feedback.Negative:
			sentiment = "negative"
		case got.Sentiment > feedback.Positive:
			sentiment = "positive"
		}
		for task, label := range []string{sentiment, string(got.Kind), strconv.Itoa(got.Severity)} {
			truth[task] = append(truth[task], row[task+1])
			predicted[task] = append(predicted[task], label)
		}
	}
	for task, floor := range []float64{0.75, 0.68, 0.48} {
		name := rows[0][task+1]
		c := eval.Classify(truth[task], predicted[task])
		t.Logf("%s: n %d, accuracy %.3f, macro-F1 %.3f", name, c.N, c.Accuracy, c.MacroF1)
		for i, class := range c.PerClass {
			t.Logf("  %-10s precision %.2f recall %.2f F1 %.2f of %3d  %v", class.Name, class.Precision, class.Recall, class.F1, class.Support, c.Confusion[i])
		}
		if c.MacroF1 < floor {
			t.Errorf("%s: macro-F1 %.3f is under %.2f", name, c.MacroF1, floor)
		}
		// The control: the commonest label for every text stays far under the floor.
		for i := range predicted[task] {
			predicted[task][i] = truth[task][0]
		}
		if control := eval.Classify(truth[task], predicted[task]).MacroF1; control >= floor {
			t.Errorf("%s: one label for all reaches %.3f", name, control)
		}
	}
}
