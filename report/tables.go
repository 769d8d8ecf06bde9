package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Table is one table of a Pulse as a CSV file: UTF-8, commas, a row of names, numbers unrounded.
type Table struct {
	Name string // of the file, without its ending
	Data []byte
}

// Tables gives the tables of the document: themes, topics, accounts, segments, shipped, sources, what forms
// and findings. A cell that a
// spreadsheet would run as a formula begins with an apostrophe.
func Tables(doc *Document) []Table {
	s, st := &doc.Snapshot, &doc.Statistics
	var list []Table
	add := func(name string, header []string, rows [][]string) {
		list = append(list, Table{Name: name, Data: encodeCSV(header, rows)})
	}
	var rows [][]string
	for i, t := range s.Themes {
		rows = append(rows, []string{t.ID.String(), t.Name, whole(t.Now.Items), whole(t.Before.Items), decimal(st.Themes[i].Share),
			decimal(st.Themes[i].ShareBefore), decimal(t.Now.Sentiment), whole(t.Now.Customers), decimal(t.Now.ARR), weeksOf(t.Weekly)})
	}
	add("themes", []string{"id", "name", "items", "items_before", "share", "share_before", "sentiment", "customers", "arr", "weekly_items"}, rows)
	rows = nil
	for i, c := range s.Clusters {
		cs := st.Clusters[i]
		q := ""
		if cs.ShareTest != nil {
			q = decimal(cs.ShareTest.Q)
		}
		name, status := feature(s, &c)
		rows = append(rows, []string{c.ID.String(), c.Name, c.Theme.String(), whole(c.Now.Items), whole(c.Before.Items), decimal(cs.Share),
			decimal(cs.ShareBefore), q, decimal(c.Now.Sentiment), whole(c.Now.Customers), decimal(c.Now.ARR), whole(c.Now.Severe), name, status,
			dayOf(c.FirstSeen), weeksOf(c.Weekly)})
	}
	add("topics", []string{"id", "name", "theme", "items", "items_before", "share", "share_before", "share_test_q", "sentiment", "customers", "arr",
		"severe_excerpts", "feature", "feature_status", "first_seen", "weekly_items"}, rows)
	rows = nil
	for _, a := range s.Accounts {
		var about []string
		for _, id := range a.Clusters {
			about = append(about, id.String())
		}
		rows = append(rows, []string{a.ID, a.Name, a.Segment, decimal(a.ARR), whole(a.Items), whole(a.Negative), whole(a.Severe), strings.Join(about, " ")})
	}
	add("accounts", []string{"id", "name", "segment", "arr", "items", "negative_excerpts", "severe_excerpts", "topics"}, rows)
	rows = nil
	for _, x := range s.Segments {
		rows = append(rows, []string{x.Name, whole(x.Known), whole(x.Customers), whole(x.Items), decimal(x.ARR), decimal(x.Sentiment)})
	}
	add("segments", []string{"name", "customers_known", "customers_heard", "items", "arr_heard", "sentiment"}, rows)
	rows = nil
	for _, x := range s.Shipped {
		rows = append(rows, []string{x.Feature, x.Name, x.ShippedAt.Format(time.DateOnly), whole(x.Days), whole(x.Before), whole(x.After),
			decimal(x.SentimentBefore), decimal(x.SentimentAfter)})
	}
	add("shipped", []string{"feature", "name", "shipped_at", "days", "items_before", "items_after", "sentiment_before", "sentiment_after"}, rows)
	rows = nil
	for _, x := range s.Sources {
		rows = append(rows, []string{x.Name, whole(x.Items), whole(x.Before)})
	}
	add("sources", []string{"name", "items", "items_before"}, rows)
	rows = nil
	if s.Forming != nil {
		for i, g := range s.Forming.Groups {
			q := ""
			if t := st.Forming[i].Test; t != nil {
				q = decimal(t.Q)
			}
			rows = append(rows, []string{g.ID, g.Name, whole(g.Now), whole(g.Before), decimal(st.Forming[i].Expected), q, whole(g.Customers), decimal(g.ARR), whole(g.Severe)})
		}
	}
	add("forming", []string{"id", "name", "items_last_days", "items_before", "expected_part", "test_q", "customers", "arr", "severe_excerpts"}, rows)
	rows = nil
	for _, f := range doc.Findings {
		rows = append(rows, []string{string(f.Kind), strings.Join(f.Subjects, " "), strconv.FormatBool(f.Sure), f.Claim.String()})
	}
	add("findings", []string{"kind", "subjects", "sure", "sentence"}, rows)
	return list
}

func whole(n int) string       { return strconv.Itoa(n) }
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func weeksOf(counts []int) string {
	fields := make([]string, len(counts))
	for i, n := range counts {
		fields[i] = strconv.Itoa(n)
	}
	return strings.Join(fields, " ")
}

func encodeCSV(header []string, rows [][]string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(header) // a buffer takes everything
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
		_ = w.Write(row)
	}
	w.Flush()
	return out.Bytes()
}

// harmless keeps a spreadsheet from taking what a stranger wrote for a formula. Numbers stay numbers.
func harmless(cell string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \u00a0"))
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
