// Package words turns a text into the units that package builtin embeds: words, their stems and hashes, and the concepts
// of a lexicon. The generator of the embedder's asset uses it too, so that both read the lexicon in the same way.
package words
