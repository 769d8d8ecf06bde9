// Package head is the trained part of the labels: a linear model whose weights were fitted by internal/train.
//
// For every class of every task it holds what each word, pair of words and piece of a word speaks for it, and what each
// piece of evidence that the rules of package classify found does. A text's score for a class is the sum; the classes of one
// task share a probability of one by softmax. All of it is integer arithmetic, so a text has the same labels everywhere.
//
//	model, err := head.Decode(raw)
//	var sum head.Sum
//	model.Add(&sum, head.Feature(head.Word, head.HashWord([]byte("refund")), 0), 1)
//	scores := model.Scores(&sum, evidence, words)
//	chances := head.Chances(scores[head.Kind:head.Severity])
package head
