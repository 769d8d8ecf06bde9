package builtin

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// The asset is read where it lies in the binary. It isn't compressed, for quantized word vectors shrink by a tenth only;
// so loading it costs an index of its words and nothing else, and processes on one machine share its pages.
//
//go:embed asset.bin
var assetBytes []byte

// conceptText is the lexicon, which the generator reads too.
//
//go:embed concepts.txt
var conceptText string

const (
	assetMagic = "EARSHOT-EMBED-1\n"
	wordDims   = 97
)

// asset is the data that internal/gen wrote. In the file, little-endian: the magic; five uint32 (number of words, bytes of
// the word list, dimensions of a row, number of concepts, CRC-32 of the lexicon); the words by falling frequency, each with a
// line feed; for each word the scale of its row and its weight in the hashed part, float32; for each concept its vector,
// float32; for each word its row of int8.
type asset struct {
	words    []byte // each ends with a line feed
	scales   []float32
	weights  []float32
	concepts []float32 // wordDims for each concept
	rows     []byte    // wordDims int8 for each word
}

func readAsset(raw []byte, lexicon string) (asset, error) {
	header, ok := bytes.CutPrefix(raw, []byte(assetMagic))
	if !ok || len(header) < 20 {
		return asset{}, errors.New("not an embedding asset of this version")
	}
	field := func(i int) int { return int(binary.LittleEndian.Uint32(header[4*i:])) }
	words, wordBytes, dims, concepts := field(0), field(1), field(2), field(3)
	if dims != wordDims || len(header) != 20+wordBytes+words*(8+wordDims)+concepts*4*wordDims {
		return asset{}, fmt.Errorf("embedding asset of %d bytes does not hold %d words and %d concepts of %d dimensions",
			len(raw), words, concepts, dims)
	}
	if crc32.ChecksumIEEE([]byte(lexicon)) != uint32(field(4)) {
		return asset{}, errors.New("embedding asset was made from another concepts.txt: run go generate in ai/builtin")
	}
	rest := header[20:]
	a := asset{words: rest[:wordBytes]}
	rest = rest[wordBytes:]
	a.scales, rest = readFloats(rest, words)
	a.weights, rest = readFloats(rest, words)
	a.concepts, a.rows = readFloats(rest, concepts*wordDims)
	return a, nil
}

func readFloats(raw []byte, n int) ([]float32, []byte) {
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out, raw[4*n:]
}
