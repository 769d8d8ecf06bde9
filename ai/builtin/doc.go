// Package builtin is the embedder that needs no network, no key and no model server.
//
//	e, err := builtin.New()
//	vectors, err := e.Embed(ctx, []string{"I can't log in", "login fails"})
//	similarity := feedback.Dot(vectors[0], vectors[1])
//
// A vector has two parts of fixed lengths. The first is a pool of pretrained word vectors, which knows that "refund" and
// "money back" are close. The second is a bag of hashed words, word pairs and character n-grams under a sparse random
// projection, which knows what the first cannot: product names, error codes, numbers, typos, other languages.
// docs/embedder.md says what each choice is worth.
//
// The same text gives the same bits on every machine. Weights that need a logarithm or a root are computed when the
// asset is made, sums run in a fixed order, and each product is converted explicitly, so that no compiler fuses it
// with an addition.
//
//go:generate go run ./internal/gen -package package
package builtin
