package eval

// GoldMacroF1 is the mean of F1 over the classes that occur among the true labels, 0 to 1: scikit-learn's f1_score with
// labels=unique(y_true). [Classification.MacroF1] counts a class that was only predicted, too, as one of F1 0, which is
// hard on labels that are finer than those they are measured against.
func (c Classification) GoldMacroF1() float64 {
	var sum float64
	n := 0
	for _, class := range c.PerClass {
		if class.Support > 0 {
			sum += class.F1
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
