package importer

import (
	"strconv"
	"strings"

	"earshot/feedback"
)

// delighted reads the responses that Delighted exports. A score is from 0 to 10 where the survey is one for NPS, and stars
// in surveys of up to five.
var delighted = sheetExport{
	Export: Export{Name: "Delighted responses", Source: "delighted", Files: "CSV",
		By: "the columns Score and Comment, beside two of Survey Type, Permalink, Person ID and Response ID"},
	is: func(has func(...string) int) bool {
		return has("score", "comment") == 2 && has("survey type", "permalink", "person id", "response id", "delighted source") >= 2
	},
	fields: []fieldNames{
		{Text, []string{"comment"}}, {Score, []string{"score"}}, {ID, []string{"response id", "id"}}, {URL, []string{"permalink"}},
		{Time, []string{"created at", "responded at", "response date"}}, {AuthorID, []string{"person id"}},
		{AuthorEmail, []string{"email", "person email"}}, {AuthorName, []string{"name", "person name"}},
	},
	ignored:  []string{"updated at", "notes", "sent at", "phone number", "phone", "person phone number"},
	asField:  people,
	wordless: "scores without a comment",
	leaves:   []string{"scores without a comment", "notes of your own people"},
	refine: func(cell func(string) string, s *feedback.Submission) []string {
		switch kind := strings.ToLower(cell("survey type")); {
		case s.Score == nil, kind == "", strings.Contains(kind, "nps"), strings.Contains(kind, "pmf"):
		case *s.Score >= 1 && *s.Score <= 5 && !strings.Contains(kind, "ces"):
			s.Rating, s.Score = s.Score, nil
		default:
			put(s, "score", *s.Score)
			s.Score = nil
		}
		if s.ExternalID == "" && cell("permalink") != "" {
			return []string{cell("permalink")}
		}
		return nil
	},
}

// typeform reads the responses that Typeform exports: a column for each question and each hidden field.
var typeform = sheetExport{
	Export: Export{Name: "Typeform responses", Source: "typeform", Files: "CSV",
		By: "the columns #, Submit Date (UTC) and Network ID"},
	is: func(has func(...string) int) bool {
		return has("submit date utc", "start date utc") > 0 && has("network id", "response type") > 0
	},
	fields:   []fieldNames{{ID, []string{"", "response id", "token"}}, {Time, []string{"submit date utc", "start date utc"}}},
	ignored:  []string{"start date utc", "stage date utc", "network id", "ending"},
	asField:  people,
	guess:    guessSurvey,
	wordless: "answers without words",
	leaves:   []string{"answers without words"},
	refine: func(cell func(string) string, s *feedback.Submission) []string {
		if s.OccurredAt.IsZero() { // of a response that was never submitted
			var d dates
			if t, err := d.parse(cell("start date utc")); err == nil {
				s.OccurredAt = t
			}
		}
		return nil
	},
}

// guessSurvey finds the question that was answered from 0 to 10, and the one that was answered in words.
func guessSurvey(columns []Column, t *table, taken map[Field]bool) {
	if !taken[Score] {
		best := -1
		for i := range columns {
			if columns[i].Field != "" || !upToTen(t.column(i)) {
				continue
			}
			name := plain(columns[i].Name)
			if strings.Contains(name, "recommend") || strings.Contains(name, "likely") || strings.Contains(name, "nps") {
				best = i
				break
			}
			if best < 0 && len(strings.Fields(name)) > 2 {
				best = i
			}
		}
		if best >= 0 {
			columns[best].Field, columns[best].Why = Score, "a question that is answered from 0 to 10"
			taken[Score] = true
		}
	}
	if !taken[Text] {
		if i, _ := longestText(columns, t); i >= 0 {
			columns[i].Field, columns[i].Why = Text, "the question with the longest answers"
			taken[Text] = true
		}
	}
}

// upToTen says that the values of a column are whole numbers from 0 to 10.
func upToTen(values []string) bool {
	filled := 0
	for _, v := range values {
		if v == "" {
			continue
		}
		if n, err := strconv.Atoi(v); err != nil || n < 0 || n > 10 {
			return false
		}
		filled++
	}
	return filled > 0
}
