// Package eval measures: how well clusters agree with labels, how often the nearest example has the right label, and
// what a plain k-means makes of a set of vectors.
//
// The metrics follow scikit-learn's definitions, and their tests hold values that were computed independently. They take
// two parallel slices of small integers, the gold class and the predicted cluster of each text; Labels turns names into
// such integers:
//
//	gold, _ := eval.Labels(names)
//	fit := eval.KMeans(points, eval.KMeansOptions{K: 77, Restarts: 5, Seed: 1})
//	fmt.Println(eval.NMI(gold, fit.Assign), eval.ARI(gold, fit.Assign), eval.Accuracy(gold, fit.Assign))
package eval
