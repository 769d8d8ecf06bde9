// Package classify is stage 2: it embeds the excerpts that were stored, labels them, puts each into the cluster that is
// near enough, and saves what it found.
//
//	stage, err := classify.New(classify.Config{Store: store, Embedder: embedder, Now: time.Now})
//	errs := stage.Handle(ctx, batch) // messages of feedback.stored
//
// The labels come from rules, not from a model: a lexicon of phrases that say how something is felt, what went wrong, what
// is wanted and what is at stake, and the grammar around them (negation, emphasis, contrast, wishes, questions). They cost
// microseconds, are the same on every machine, and can be explained:
//
//	labeller := classify.NewLabeller()
//	labels := labeller.Label("It still doesn't sync", classify.Hint{})
//	for _, reason := range labeller.Explain("It still doesn't sync", classify.Hint{}).Reasons {
//		fmt.Println(reason.Text, reason.Sentiment)
//	}
//
// The lexicon lies in the folder lexicon, a folder a language; lexicon.go says how it is written.
package classify
