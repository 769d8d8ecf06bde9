package main

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"strings"
)

// encode writes the file that builtin's readAsset describes. Each row is quantized to int8 with a scale of its own.
func encode(t *table, concepts [][]float64, lexicon string) []byte {
	list := strings.Join(t.words, "\n") + "\n"
	out := []byte("EARSHOT-EMBED-1\n")
	for _, n := range []uint32{
		uint32(len(t.words)), uint32(len(list)), outDims, uint32(len(concepts)), crc32.ChecksumIEEE([]byte(lexicon)),
	} {
		out = binary.LittleEndian.AppendUint32(out, n)
	}
	out = append(out, list...)
	rows := make([]byte, 0, len(t.words)*outDims)
	for _, row := range t.rows {
		var most float64
		for _, x := range row {
			most = max(most, math.Abs(x))
		}
		scale := float32(max(most/127, math.SmallestNonzeroFloat32))
		out = appendFloat(out, scale)
		for _, x := range row {
			rows = append(rows, byte(int8(math.RoundToEven(x/float64(scale)))))
		}
	}
	for _, w := range t.weights {
		out = appendFloat(out, float32(w))
	}
	for _, v := range concepts {
		for _, x := range v {
			out = appendFloat(out, float32(x))
		}
	}
	return append(out, rows...)
}

func appendFloat(dst []byte, x float32) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
}
