package importer

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"earshot/feedback"
)

// github reads issues as the REST API and the command line tool gh list them.
var github = objectExport{
	Export: Export{Name: "GitHub issues", Source: "github", Files: "JSON of the REST API, or of gh issue list --json",
		By: "objects with number, title and an html_url that ends in /issues/NUMBER"},
	is: func(o map[string]json.RawMessage) bool {
		return holds(o, "number", "title") == 2 && (issuePage.MatchString(rawString(o["html_url"])) || issuePage.MatchString(rawString(o["url"])))
	},
	columns: []Column{
		{Name: "body", Field: Text, Why: "as Markdown"},
		{Name: "title", Field: Title, Why: "the issue's"},
		{Name: "html_url", Field: ID, Why: "owner/repository#number"},
		{Name: "created_at", Field: Time, Why: "with its zone"},
		{Name: "user.login", Field: AuthorID, Why: "kept as a hash"},
		{Name: "html_url", Field: URL, Why: "of the issue"},
		{Name: "labels, state, reactions, thumbs up, comments, author_association, repository"},
	},
	leaves: []string{"pull requests", "what bots wrote"},
	read:   readIssue,
}

var issuePage = regexp.MustCompile(`^https?://[^/]+/(?:repos/)?([^/]+/[^/]+)/(issues|pull)/(\d+)$`)

type issueUser struct {
	Login string `json:"login"`
	Type  string `json:"type"`
	IsBot bool   `json:"is_bot"`
}

func readIssue(raw []byte, out *said) error {
	var issue struct {
		Number    idText          `json:"number"`
		Title     string          `json:"title"`
		Body      *string         `json:"body"`
		HTMLURL   string          `json:"html_url"`
		URL       string          `json:"url"`
		State     string          `json:"state"`
		Pull      json.RawMessage `json:"pull_request"`
		User      *issueUser      `json:"user"`
		Author    *issueUser      `json:"author"`
		Created   moment          `json:"created_at"`
		CreatedAt moment          `json:"createdAt"`
		Labels    []issueLabel    `json:"labels"`
		Comments  json.RawMessage `json:"comments"`
		Relation  string          `json:"author_association"`
		Reactions struct {
			Total    int `json:"total_count"`
			ThumbsUp int `json:"+1"`
		} `json:"reactions"`
	}
	if err := json.Unmarshal(raw, &issue); err != nil {
		return err
	}
	page := issue.HTMLURL
	if page == "" {
		page = issue.URL
	}
	m := issuePage.FindStringSubmatch(page)
	switch {
	case m == nil:
		return errors.New("field html_url: is not the address of an issue")
	case m[2] == "pull", len(issue.Pull) > 0 && string(issue.Pull) != "null":
		out.leave("pull requests")
		return nil
	}
	who := issue.User
	if who == nil {
		who = issue.Author
	}
	s := feedback.Submission{ExternalID: m[1] + "#" + m[3], Title: issue.Title, Format: feedback.FormatMarkdown, URL: page, OccurredAt: issue.Created.Time}
	if s.OccurredAt.IsZero() {
		s.OccurredAt = issue.CreatedAt.Time
	}
	if who != nil {
		if who.Type == "Bot" || who.IsBot || strings.HasSuffix(who.Login, "[bot]") {
			out.leave("what bots wrote")
			return nil
		}
		s.Author = author(idText(who.Login), "", "")
	}
	if issue.Body != nil {
		s.Body = *issue.Body
	}
	if strings.TrimSpace(s.Body) == "" {
		s.Body, s.Title, s.Format = s.Title, "", ""
	}
	if strings.TrimSpace(s.Body) == "" {
		return errors.New("field title: the issue has no words")
	}
	var labels []string
	for _, l := range issue.Labels {
		labels = append(labels, l.Name)
	}
	put(&s, "labels", labels)
	put(&s, "state", strings.ToLower(issue.State))
	put(&s, "reactions", issue.Reactions.Total)
	put(&s, "thumbs up", issue.Reactions.ThumbsUp)
	var comments int
	if json.Unmarshal(issue.Comments, &comments) == nil { // gh lists the comments themselves here
		put(&s, "comments", comments)
	}
	put(&s, "author_association", issue.Relation)
	put(&s, "repository", m[1])
	out.add(s)
	return nil
}

// issueLabel is a label: an object, or its name alone.
type issueLabel struct{ Name string }

// UnmarshalJSON takes both forms.
func (l *issueLabel) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &l.Name)
	}
	var label struct {
		Name string `json:"name"`
	}
	err := json.Unmarshal(raw, &label)
	l.Name = label.Name
	return err
}
