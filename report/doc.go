// Package report is stage 6: it writes the Pulse, the page that an executive reads in two minutes and can check.
//
// A Pulse is made in five steps, each a pure function of the one before: one snapshot of facts (SQL made it), statistics
// over them, findings that pass the statistics, sentences over the findings, and a check of every sentence against the
// facts. A sentence is a [Claim], a list of typed parts; [Verify] derives each number again, holds each name against its
// id, each quote against the stored text and each comparing word against the numbers. What fails is not published.
//
//	stage, err := report.New(report.Config{Store: store, Now: time.Now})
//	doc, err := stage.Write(ctx, "acme", "30d", "")
//	page, err := report.HTML(doc, report.Options{})
//
// The document holds facts and prose and nothing of the moment at which it was made, so that the same snapshot always
// gives the same bytes: see [JSON], [HTML], [Markdown] and [Text].
package report
