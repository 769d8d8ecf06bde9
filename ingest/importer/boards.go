package importer

import (
	"regexp"

	"earshot/feedback"
)

// noteMarkup is what a note has that is written as HTML: its export does not say so.
var noteMarkup = regexp.MustCompile(`(?i)</(p|b|i|u|div|span|a|ul|ol|li|strong|em|h[1-6])>|<br ?/?>`)

// productboard reads notes with the names that Productboard's import, export and API give their fields.
var productboard = sheetExport{
	Export: Export{Name: "Productboard notes", Source: "productboard", Files: "CSV",
		By: "a title and a text, beside two of the note's company domain, user email, display URL, source and owner"},
	is: func(has func(...string) int) bool {
		titled := has("title", "note title") > 0
		worded := has("content", "text", "note text", "note content", "note body") > 0
		marks := has("company domain", "customer domain", "display url", "source origin", "source record id", "source id", "owner email", "note text", "note title")
		return titled && worded && marks > 0 && marks+has("user email", "customer email", "company name", "source url", "state", "processed", "tags", "created at") >= 2
	},
	fields: []fieldNames{
		{Text, []string{"note text", "note content", "note body", "content", "text"}}, {Title, []string{"note title", "title"}},
		{ID, []string{"note id", "id", "uuid", "pb id"}}, {Time, []string{"created at", "note created at", "created"}},
		{URL, []string{"display url", "source url", "url"}}, {CustomerID, []string{"company id", "company domain", "customer domain"}},
		{CustomerName, []string{"company name", "company"}}, {AuthorEmail, []string{"user email", "customer email", "email"}},
		{AuthorName, []string{"user name", "customer name", "user"}}, {AuthorID, []string{"user id"}},
	},
	ignored:  []string{"updated at", "owner", "owner email", "owner name", "creator", "creator email", "created by", "followers"},
	wordless: "notes without words",
	leaves:   []string{"notes without words"},
	refine: func(_ func(string) string, s *feedback.Submission) []string {
		if s.Format == "" && noteMarkup.MatchString(s.Body) {
			s.Format = feedback.FormatHTML
		}
		return nil
	},
}

// canny reads the posts of a board.
var canny = sheetExport{
	Export: Export{Name: "Canny posts", Source: "canny", Files: "CSV",
		By: "the columns title and details, beside votes or score, and board, category or status"},
	is: func(has func(...string) int) bool {
		return has("title", "post title") > 0 && has("details", "post details") > 0 &&
			has("votes", "vote count", "score", "post votes") > 0 && has("board", "board name", "category", "status", "post url") > 0
	},
	fields: []fieldNames{
		{Text, []string{"details", "post details"}}, {Title, []string{"title", "post title"}}, {ID, []string{"id", "post id"}},
		{URL, []string{"url", "post url", "link"}}, {Time, []string{"created", "created at", "date created", "post created"}},
		{AuthorID, []string{"author id", "user id"}}, {AuthorEmail, []string{"author email", "email"}}, {AuthorName, []string{"author name", "author"}},
		{CustomerID, []string{"author company id", "company id"}}, {CustomerName, []string{"author company", "company", "company name"}},
	},
	ignored:  []string{"owner", "owner name", "owner email", "internal notes", "admin", "jira", "linear", "github"},
	wordless: "posts without words",
	leaves:   []string{"posts without words"},
	refine: func(_ func(string) string, s *feedback.Submission) []string {
		if s.Format == "" {
			s.Format = feedback.FormatMarkdown
		}
		if s.ExternalID == "" && s.URL != "" {
			s.ExternalID = s.URL
		}
		return nil
	},
}
