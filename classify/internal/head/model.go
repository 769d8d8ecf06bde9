package head

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The outputs: the classes of sentiment, kind and severity, one task behind the other.
const (
	Sentiment = 0             // negative, neutral, positive
	Kind      = Sentiment + 3 // in the order of feedback.Kinds
	Severity  = Kind + 6      // 0 to 3
	Outputs   = Severity + 4  // how many there are
	One       = 1 << 16       // a score of one: natural logarithm of the odds
	Whole     = 1 << 8        // a piece of evidence of one
	magic     = "EARSHOT-LABELS-1\n"
	maxWords  = 2000 // texts are read no further
	header    = len(magic) + 4*4 + 32
)

// Sum is what the features of a text add up to, in the model's unit.
type Sum [Outputs]int32

// Scores are the scores of a text, in parts of One.
type Scores [Outputs]int64

// Model is the trained model. It is never changed.
type Model struct {
	Rows     []Row               // by rising ID
	Evidence [][Outputs]int32    // of each piece of evidence, in parts of One
	Bias     [Outputs]int32      // in parts of One
	Unit     int32               // of the rows' scores, in parts of One
	Inputs   [32]byte            // SHA-256 of what it was trained on
	buckets  [1<<16 + 1]uint32   // where the rows begin whose ids have these upper bits
	lengths  [maxWords + 1]int64 // of a text's words: what its features' sum is multiplied with, in parts of One
}

// Row is what one feature speaks for each output.
type Row struct {
	ID     uint32
	Scores [Outputs]int8
}

// Encode gives the file that Decode reads.
func (m *Model) Encode() []byte {
	b := []byte(magic)
	for _, v := range []int32{int32(len(m.Rows)), int32(len(m.Evidence)), m.Unit} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	b = append(b, m.Inputs[:]...)
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, 0)
	for _, v := range m.Bias {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	for _, e := range m.Evidence {
		for _, v := range e {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
	}
	for _, r := range m.Rows {
		b = binary.LittleEndian.AppendUint32(b, r.ID)
	}
	for _, r := range m.Rows {
		for _, v := range r.Scores {
			b = append(b, byte(v))
		}
	}
	binary.LittleEndian.PutUint32(b[at:], crc32.ChecksumIEEE(b[at+4:]))
	return b
}

// Decode reads a model. Its error says why the file is none.
func Decode(raw []byte) (*Model, error) {
	if len(raw) < header || !bytes.HasPrefix(raw, []byte(magic)) {
		return nil, errors.New("not a model of labels of this version")
	}
	word := func() int32 {
		v := binary.LittleEndian.Uint32(raw)
		raw = raw[4:]
		return int32(v)
	}
	raw = raw[len(magic):]
	m := &Model{}
	rows, evidence := int(word()), int(word())
	m.Unit = word()
	copy(m.Inputs[:], raw)
	raw = raw[len(m.Inputs):]
	sum := uint32(word())
	if rows < 0 || evidence < 0 || rows > 1<<24 || evidence > 1<<12 || len(raw) != 4*Outputs*(1+evidence)+rows*(4+Outputs) {
		return nil, fmt.Errorf("%d bytes do not hold a model of %d rows and %d pieces of evidence", len(raw), rows, evidence)
	}
	if crc32.ChecksumIEEE(raw) != sum {
		return nil, errors.New("the model of the labels is damaged: its checksum differs")
	}
	if m.Unit <= 0 {
		return nil, fmt.Errorf("the model's unit %d makes no sense", m.Unit)
	}
	for i := range m.Bias {
		m.Bias[i] = word()
	}
	m.Evidence = make([][Outputs]int32, evidence)
	for i := range m.Evidence {
		for k := range m.Evidence[i] {
			m.Evidence[i][k] = word()
		}
	}
	m.Rows = make([]Row, rows)
	for i := range m.Rows {
		m.Rows[i].ID = uint32(word())
		for k := range m.Rows[i].Scores {
			m.Rows[i].Scores[k] = int8(raw[4*(rows-i-1)+i*Outputs+k])
		}
	}
	for i := 1; i < rows; i++ {
		if m.Rows[i-1].ID >= m.Rows[i].ID {
			return nil, fmt.Errorf("row %d of the model is not in order", i)
		}
	}
	m.seal()
	return m, nil
}

func (m *Model) seal() {
	for _, r := range m.Rows {
		m.buckets[r.ID>>16+1]++
	}
	for i := 1; i < len(m.buckets); i++ {
		m.buckets[i] += m.buckets[i-1]
	}
	for n := range m.lengths {
		m.lengths[n] = int64(root(One * One / uint64(max(n, 1))))
	}
}

// root gives the whole part of a square root.
func root(v uint64) uint64 {
	r := uint64(0)
	for bit := uint64(1) << 31; bit > 0; bit >>= 1 {
		if t := r | bit; t*t <= v {
			r = t
		}
	}
	return r
}

// Find gives what a feature speaks for, or nil.
func (m *Model) Find(id uint32) *Row {
	b := id >> 16
	for i := m.buckets[b]; i < m.buckets[b+1]; i++ {
		if m.Rows[i].ID == id {
			return &m.Rows[i]
		}
	}
	return nil
}

// Add adds a feature so many times, and says whether the model knows it.
func (m *Model) Add(sum *Sum, id uint32, times int32) bool {
	r := m.Find(id)
	if r == nil {
		return false
	}
	for k, v := range r.Scores {
		sum[k] += times * int32(v)
	}
	return true
}

// Scores gives the scores of a text of so many words. The sum of its features counts by the inverse square root of its length.
func (m *Model) Scores(sum *Sum, evidence []int32, words int) Scores {
	var s Scores
	for k, v := range sum {
		s[k] = m.Share(v, words) + int64(m.Bias[k])
	}
	for i, v := range evidence {
		if v == 0 {
			continue
		}
		for k, w := range m.Evidence[i] {
			s[k] += int64(v) * int64(w) / Whole
		}
	}
	return s
}

// Share gives what a feature's score comes to in a text of so many words, in parts of One.
func (m *Model) Share(score int32, words int) int64 {
	return int64(score) * int64(m.Unit) * m.lengths[min(words, maxWords)] / One
}

// Label gives the class of the highest score among the outputs of one task, the first of several.
func Label(scores []int64) int {
	best := 0
	for k, v := range scores {
		if v > scores[best] {
			best = k
		}
	}
	return best
}
