package builtin

import (
	"testing"

	"earshot/feedback"
)

// benchmarkTexts have twelve words each, and here and there a typo, a number or a name, as feedback has.
var benchmarkTexts = []string{
	"The app crashes every time I try to upload a photo today",
	"I was charged twice for my subscription, please refund one of them",
	"Can you add single sign on with Okta for our whole company",
	"Love the new dashboard, it is so much easier to use now",
	"My parcel has not arrived and nobody answers my emails since Monday",
	"Exporting a report to Excel takes ten minutes on our Zorblax account",
	"How do I change the adress on my invoice for last month",
	"Notifications stopped working after update 5.2 on my Galaxy phone, very anoying",
}

func BenchmarkEmbed(b *testing.B) {
	e := embedder(b)
	v := make(feedback.Vector, Dimensions)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		e.EmbedInto(v, benchmarkTexts[n%len(benchmarkTexts)])
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "texts/s")
}

// BenchmarkEmbedUnknownWords is the worst case: each word is looked up with every typo that it may have.
func BenchmarkEmbedUnknownWords(b *testing.B) {
	e := embedder(b)
	v := make(feedback.Vector, Dimensions)
	n := 0
	for b.Loop() {
		e.EmbedInto(v, "Leider funktioniert meine Anmeldung nicht mehr seit gestern Abend, bitte dringend weiterhelfen")
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "texts/s")
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}
