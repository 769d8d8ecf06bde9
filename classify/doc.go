// Package classify is stage 2: it embeds the excerpts that were stored, labels them, puts each into the cluster that is
// near enough, and saves what it found.
//
//	stage, err := classify.New(classify.Config{Store: store, Embedder: embedder, Now: time.Now})
//	errs := stage.Handle(ctx, batch) // messages of feedback.stored
//
// The labels come from two witnesses. Rules find phrases of a lexicon that say how something is felt, what went wrong, what
// is wanted and what is at stake, and the grammar around them (negation, emphasis, contrast, wishes, questions). A trained
// head weighs what the rules found together with the words themselves. Both cost microseconds, are the same on every
// machine, and can be explained:
//
//	labeller := classify.NewLabeller()
//	labels := labeller.Label("It still doesn't sync", classify.Hint{})
//	for _, voice := range labeller.Explain("It still doesn't sync", classify.Hint{}).Kind.Voices {
//		fmt.Println(voice.Text, voice.Weight)
//	}
//
// The lexicon lies in the folder lexicon, a folder a language; lexicon.go says how it is written. The head is head.bin;
// package internal/train makes it, and docs/labels.md says how and how good it is.
package classify
