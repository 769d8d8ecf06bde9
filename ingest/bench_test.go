package ingest

import "testing"

// BenchmarkPrepare is the whole of one item: decode, clean, redact, split, language, spam, hashes. The issue asks for
// 15,000 items a second and core of cleaning, redaction and splitting.
func BenchmarkPrepare(b *testing.B) {
	items := loadSample(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		m := items[n%len(items)].message()
		if _, err := Prepare(&m, testNow); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkCleanRedactSplit leaves decoding and hashing out.
func BenchmarkCleanRedactSplit(b *testing.B) {
	items := loadSample(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		s := &items[n%len(items)]
		text, _ := NewRedactor(s.Author).Text(Clean(s.Body, s.Format))
		Split(text)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}
