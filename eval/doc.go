// Package eval measures, and nothing else: how well clusters agree with classes and keep their ids, how well texts are
// labelled, linked to features, split into points and redacted, how often the nearest example has the right label, and
// what a plain k-means makes of a set of vectors. It is pure: what is measured is made elsewhere and handed in, as
// earshot eval does.
//
// The metrics follow scikit-learn's definitions where it has them, and their tests hold values that were computed
// independently. Those of clusters take two parallel slices of small integers, the gold class and the predicted cluster
// of each text; Labels turns names into such integers:
//
//	gold, _ := eval.Labels(names)
//	fit := eval.KMeans(points, eval.KMeansOptions{K: 77, Restarts: 5, Seed: 1})
//	fmt.Println(eval.NMI(gold, fit.Assign), eval.ARI(gold, fit.Assign), eval.Accuracy(gold, fit.Assign))
//
// The others take one small struct for each text or cluster and give one for all: [MeasureClusters], [MeasureNames], [Classify], [MeasureLinks],
// [MeasureSplits], [MeasureRedaction], [MeasureStability]. A share of nothing is 0 and never NaN.
package eval
