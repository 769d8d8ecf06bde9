package importer

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"earshot/feedback"
)

// zendesk reads tickets as the account's JSON export, the incremental export and the ticket API have them, with or
// without their comments. What the customer wrote first is the item of the ticket's own id, each later public comment
// of the customer one of its own, so that an export and the webhook name the same comment alike.
var zendesk = objectExport{
	Export: Export{Name: "Zendesk tickets", Source: "zendesk", Files: "JSON or JSON Lines",
		By: "objects with id, subject or description, and requester_id or its relatives"},
	is: func(o map[string]json.RawMessage) bool {
		return holds(o, "id") == 1 && holds(o, "subject", "raw_subject", "description", "comments") > 0 &&
			holds(o, "requester_id", "requester", "submitter_id", "submitter", "assignee_id", "brand_id", "group_id", "ticket_form_id", "organization_id", "raw_subject", "satisfaction_rating") >= 3
	},
	columns: []Column{
		{Name: "comments[].body", Field: Text, Why: "each public comment of the customer; the description where there are none"},
		{Name: "subject", Field: Title, Why: "of the first"},
		{Name: "id, comments[].id", Field: ID, Why: "the ticket's, and behind it the comment's"},
		{Name: "comments[].created_at", Field: Time, Why: "with its zone"},
		{Name: "organization", Field: CustomerID, Why: "the requester's organisation"},
		{Name: "requester", Field: AuthorID, Why: "kept as a hash"},
		{Name: "satisfaction_rating.score", Field: Rating, Why: "good is 5 and bad is 1, of the rating's own comment alone"},
		{Name: "url", Field: URL, Why: "of the ticket"},
		{Name: "priority, status, type, tags, via, satisfaction"},
	},
	leaves: []string{"agents' comments", "private comments", "deleted tickets"},
	read: func(raw []byte, out *said) error {
		var t zendeskTicket
		if err := json.Unmarshal(raw, &t); err != nil {
			return err
		}
		return t.read(out)
	},
}

type zendeskUser struct {
	ID    idText `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
	Staff *bool  `json:"is_staff"`
}

// agent says whether the vendor's side speaks; unknown where neither role nor staff is told.
func (u *zendeskUser) agent() (is, known bool) {
	switch {
	case u == nil:
		return false, false
	case u.Staff != nil:
		return *u.Staff, true
	case u.Role != "":
		return u.Role != "end-user" && u.Role != "end_user", true
	}
	return false, false
}

type zendeskComment struct {
	ID        idText       `json:"id"`
	AuthorID  idText       `json:"author_id"`
	Author    *zendeskUser `json:"author"`
	Public    *bool        `json:"public"`
	IsPublic  *bool        `json:"is_public"`
	Body      string       `json:"body"`
	PlainBody string       `json:"plain_body"`
	HTMLBody  string       `json:"html_body"`
	CreatedAt moment       `json:"created_at"`
}

func (c *zendeskComment) public() bool {
	return (c.Public == nil || *c.Public) && (c.IsPublic == nil || *c.IsPublic)
}

type zendeskTicket struct {
	ID              idText       `json:"id"`
	URL             string       `json:"url"`
	Subject         string       `json:"subject"`
	RawSubject      string       `json:"raw_subject"`
	Description     string       `json:"description"`
	Priority        string       `json:"priority"`
	Status          string       `json:"status"`
	Type            string       `json:"type"`
	CreatedAt       moment       `json:"created_at"`
	RequesterID     idText       `json:"requester_id"`
	Requester       *zendeskUser `json:"requester"`
	SubmitterID     idText       `json:"submitter_id"`
	Submitter       *zendeskUser `json:"submitter"`
	CollaboratorIDs []idText     `json:"collaborator_ids"`
	EmailCCIDs      []idText     `json:"email_cc_ids"`
	OrganizationID  idText       `json:"organization_id"`
	Organization    *struct {
		ID   idText `json:"id"`
		Name string `json:"name"`
	} `json:"organization"`
	IsPublic *bool    `json:"is_public"`
	Tags     []string `json:"tags"`
	Via      struct {
		Channel idText `json:"channel"`
	} `json:"via"`
	Satisfaction json.RawMessage  `json:"satisfaction_rating"`
	Comments     []zendeskComment `json:"comments"`
}

func (t *zendeskTicket) read(out *said) error {
	if t.ID == "" {
		return errors.New("field id: a ticket has one")
	}
	if strings.EqualFold(t.Status, "deleted") {
		out.leave("deleted tickets")
		return nil
	}
	if t.Requester != nil && t.RequesterID == "" {
		t.RequesterID = t.Requester.ID
	}
	if t.Submitter != nil && t.SubmitterID == "" {
		t.SubmitterID = t.Submitter.ID
	}
	switch {
	case len(t.Comments) > 0:
		for i := range t.Comments {
			t.comment(out, &t.Comments[i], i == 0)
		}
	case t.IsPublic != nil && !*t.IsPublic:
		out.leave("private comments")
	default:
		t.comment(out, &zendeskComment{AuthorID: t.SubmitterID, Author: t.Submitter, Body: t.Description, CreatedAt: t.CreatedAt}, true)
	}
	t.rating(out)
	return nil
}

// comment adds one comment, if it is public and the customer's.
func (t *zendeskTicket) comment(out *said, c *zendeskComment, first bool) {
	if c.AuthorID == "" && c.Author != nil {
		c.AuthorID = c.Author.ID
	}
	switch agent, known := c.Author.agent(); {
	case !c.public():
		out.leave("private comments")
		return
	case known && agent, !known && !t.customers(c.AuthorID, first):
		out.leave("agents' comments")
		return
	}
	s := t.item()
	s.OccurredAt = c.CreatedAt.Time
	if c.AuthorID != "" && c.AuthorID == t.RequesterID || c.AuthorID == "" {
		s.Author = t.author()
	} else if c.Author != nil {
		s.Author = author(c.AuthorID, c.Author.Name, c.Author.Email)
	} else {
		s.Author = author(c.AuthorID, "", "")
	}
	switch {
	case strings.TrimSpace(c.PlainBody) != "":
		s.Body = c.PlainBody
	case strings.TrimSpace(c.Body) != "":
		s.Body = c.Body
	default:
		s.Body, s.Format = c.HTMLBody, feedback.FormatHTML
	}
	s.ExternalID = string(t.ID)
	if first {
		if s.Title = t.Subject; s.Title == "" {
			s.Title = t.RawSubject
		}
		if s.OccurredAt.IsZero() {
			s.OccurredAt = t.CreatedAt.Time
		}
		if strings.TrimSpace(s.Body) == "" {
			s.Body, s.Title, s.Format = s.Title, "", ""
		}
	} else {
		s.ExternalID += "-" + string(c.ID)
	}
	if strings.TrimSpace(s.Body) == "" {
		out.leave("comments without words")
		return
	}
	out.add(s)
}

// customers says whether an author whose role is not told is on the customer's side: the requester, and who is copied.
func (t *zendeskTicket) customers(author idText, first bool) bool {
	if author == "" {
		return first
	}
	if agent, known := t.Requester.agent(); author == t.RequesterID {
		return !known || !agent
	}
	return t.RequesterID == "" && first || slices.Contains(t.CollaboratorIDs, author) && author != t.SubmitterID || slices.Contains(t.EmailCCIDs, author)
}

func (t *zendeskTicket) author() *feedback.Author {
	if t.Requester != nil {
		return author(t.RequesterID, t.Requester.Name, t.Requester.Email)
	}
	return author(t.RequesterID, "", "")
}

// rating adds the words that the customer gave with a satisfaction rating. The rating is of the help, not of what the
// ticket is about, so it stands on no other item.
func (t *zendeskTicket) rating(out *said) {
	score, comment := t.satisfaction()
	if strings.TrimSpace(comment) == "" {
		return
	}
	s := t.item()
	s.ExternalID, s.Body, s.Author, s.OccurredAt = string(t.ID)+"-satisfaction", comment, t.author(), t.CreatedAt.Time
	if n, ok := map[string]float64{"good": 5, "bad": 1}[score]; ok {
		s.Rating = &n
	}
	out.add(s)
}

// satisfaction gives good, bad, offered or none, and the words beside it.
func (t *zendeskTicket) satisfaction() (score, comment string) {
	var r struct {
		Score   string `json:"score"`
		Comment string `json:"comment"`
	}
	if json.Unmarshal(t.Satisfaction, &r) != nil || r.Score == "unoffered" {
		return "", ""
	}
	return r.Score, r.Comment
}

// item gives what all items of the ticket have.
func (t *zendeskTicket) item() feedback.Submission {
	var s feedback.Submission
	s.URL = ticketPage(t.URL)
	if t.Organization != nil {
		s.Customer = customer(t.Organization.ID, t.Organization.Name)
	}
	if s.Customer == nil && t.OrganizationID != "0" {
		s.Customer = customer(t.OrganizationID, "")
	}
	put(&s, "ticket", t.ID)
	put(&s, "priority", strings.ToLower(t.Priority))
	put(&s, "status", strings.ToLower(t.Status))
	put(&s, "type", strings.ToLower(t.Type))
	put(&s, "via", t.Via.Channel)
	put(&s, "tags", t.Tags)
	score, _ := t.satisfaction()
	put(&s, "satisfaction", score)
	return s
}

var ticketAPI = regexp.MustCompile(`^(https://[^/]+)/api/v2/tickets/(\d+)\.json$`)

// ticketPage gives the page that people read, where the export has the address of the API.
func ticketPage(url string) string {
	if m := ticketAPI.FindStringSubmatch(url); m != nil {
		return m[1] + "/agent/tickets/" + m[2]
	}
	return url
}
