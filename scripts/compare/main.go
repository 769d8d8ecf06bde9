// Command compare writes the built-in embedder's vectors of a labelled CSV file for other programs to group, as
// little-endian float32 rows, and prints their dimensions. It is for scripts/compare.sh.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"

	"earshot/ai/builtin"
)

func main() {
	file := flag.String("file", "", "a CSV file whose first column is the text")
	out := flag.String("out", "", "the file to write")
	flag.Parse()
	if err := write(*file, *out); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func write(file, out string) (err error) {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var texts []string
	for _, row := range rows[min(1, len(rows)):] {
		texts = append(texts, row[0])
	}
	embedder, err := builtin.New()
	if err != nil {
		return err
	}
	vectors, err := embedder.Embed(context.Background(), texts)
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	for _, v := range vectors {
		if err := binary.Write(w, binary.LittleEndian, []float32(v)); err != nil {
			return err
		}
	}
	fmt.Println(embedder.Model().Dimensions)
	return w.Flush()
}
