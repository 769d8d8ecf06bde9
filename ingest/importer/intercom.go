package importer

import (
	"encoding/json"
	"errors"
	"strings"

	"earshot/feedback"
)

// intercom reads conversations as the conversations API and the data export have them. What opened the conversation is
// the item of the conversation's own id, each later part of a customer one of its own.
var intercom = objectExport{
	Export: Export{Name: "Intercom conversations", Source: "intercom", Files: "JSON or JSON Lines",
		By: "objects of type conversation, with source or conversation_parts"},
	is: func(o map[string]json.RawMessage) bool {
		return rawString(o["type"]) == "conversation" && holds(o, "source", "conversation_parts", "conversation_message") > 0 ||
			holds(o, "id", "source", "conversation_parts") == 3
	},
	columns: []Column{
		{Name: "source.body, conversation_parts[].body", Field: Text, Why: "what users and leads wrote, as HTML"},
		{Name: "title, source.subject", Field: Title, Why: "of the first"},
		{Name: "id, conversation_parts[].id", Field: ID, Why: "the conversation's, and behind it the part's"},
		{Name: "created_at", Field: Time, Why: "seconds since 1970"},
		{Name: "company", Field: CustomerID, Why: "the contact's company"},
		{Name: "author", Field: AuthorID, Why: "kept as a hash"},
		{Name: "conversation_rating.rating", Field: Rating, Why: "of the rating's own remark alone"},
		{Name: "source.url", Field: URL, Why: "where the conversation began"},
		{Name: "priority, state, tags, channel, rating"},
	},
	leaves: []string{"what admins, bots and teams wrote", "notes and assignments"},
	read: func(raw []byte, out *said) error {
		var c intercomConversation
		if err := json.Unmarshal(raw, &c); err != nil {
			return err
		}
		return c.read(out)
	},
}

type intercomAuthor struct {
	Type  string `json:"type"`
	ID    idText `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func (a *intercomAuthor) customers() bool {
	return a.Type == "user" || a.Type == "lead" || a.Type == "contact"
}

type intercomPart struct {
	ID        idText         `json:"id"`
	PartType  string         `json:"part_type"`
	Body      string         `json:"body"`
	CreatedAt moment         `json:"created_at"`
	Author    intercomAuthor `json:"author"`
	Redacted  bool           `json:"redacted"`
}

type intercomCompany struct {
	ID           idText   `json:"id"`
	CompanyID    idText   `json:"company_id"`
	Name         string   `json:"name"`
	Industry     string   `json:"industry"`
	MonthlySpend *float64 `json:"monthly_spend"`
	Plan         *struct {
		Name string `json:"name"`
	} `json:"plan"`
}

// intercomCompanies is a list of companies, under either of the names that the versions of the API give it.
type intercomCompanies struct {
	Companies []intercomCompany `json:"companies"`
	Data      []intercomCompany `json:"data"`
}

func (l *intercomCompanies) first() *intercomCompany {
	for _, list := range [][]intercomCompany{l.Companies, l.Data} {
		if len(list) > 0 {
			return &list[0]
		}
	}
	return nil
}

type intercomConversation struct {
	ID        idText `json:"id"`
	Title     string `json:"title"`
	CreatedAt moment `json:"created_at"`
	State     string `json:"state"`
	Priority  idText `json:"priority"`
	Source    struct {
		Type    string         `json:"type"`
		ID      idText         `json:"id"`
		Subject string         `json:"subject"`
		Body    string         `json:"body"`
		Author  intercomAuthor `json:"author"`
		URL     string         `json:"url"`
	} `json:"source"`
	Contacts struct {
		Contacts []struct {
			ID        idText            `json:"id"`
			Companies intercomCompanies `json:"companies"`
		} `json:"contacts"`
	} `json:"contacts"`
	Company   *intercomCompany  `json:"company"`
	Companies intercomCompanies `json:"companies"`
	Tags      struct {
		Tags []struct {
			Name string `json:"name"`
		} `json:"tags"`
	} `json:"tags"`
	Rating *struct {
		Rating    *float64 `json:"rating"`
		Remark    string   `json:"remark"`
		CreatedAt moment   `json:"created_at"`
	} `json:"conversation_rating"`
	Parts struct {
		Parts []intercomPart `json:"conversation_parts"`
	} `json:"conversation_parts"`
}

func (c *intercomConversation) read(out *said) error {
	if c.ID == "" {
		return errors.New("field id: a conversation has one")
	}
	if c.Source.Body != "" || c.Source.Subject != "" || len(c.Parts.Parts) == 0 {
		title := c.Title
		if title == "" {
			title = plainTitle(c.Source.Subject)
		}
		c.add(out, string(c.ID), title, intercomPart{Body: c.Source.Body, CreatedAt: c.CreatedAt, Author: c.Source.Author})
	}
	for _, p := range c.Parts.Parts {
		switch {
		case p.PartType == "note", p.PartType != "" && p.Body == "":
			out.leave("notes and assignments")
		default:
			c.add(out, string(c.ID)+"-"+string(p.ID), "", p)
		}
	}
	if r := c.Rating; r != nil && strings.TrimSpace(r.Remark) != "" {
		s := c.item()
		s.ExternalID, s.Body, s.OccurredAt = string(c.ID)+"-rating", r.Remark, r.CreatedAt.Time
		if c.Source.Author.customers() {
			s.Author = author(c.Source.Author.ID, c.Source.Author.Name, c.Source.Author.Email)
		}
		if r.Rating != nil && *r.Rating >= 0 && *r.Rating <= 5 {
			s.Rating = r.Rating
		}
		out.add(s)
	}
	return nil
}

// add adds one part, if a customer wrote it.
func (c *intercomConversation) add(out *said, id, title string, p intercomPart) {
	s := c.item()
	s.ExternalID, s.Title, s.OccurredAt = id, title, p.CreatedAt.Time
	switch s.Body, s.Format = strings.TrimSpace(p.Body), feedback.FormatHTML; {
	case !p.Author.customers():
		out.leave("what admins, bots and teams wrote")
		return
	case p.Redacted:
		out.leave("parts that were redacted")
		return
	case s.Body == "" && s.Title == "":
		out.leave("parts without words")
		return
	case s.Body == "":
		s.Body, s.Title, s.Format = s.Title, "", ""
	}
	s.Author = author(p.Author.ID, p.Author.Name, p.Author.Email)
	out.add(s)
}

// item gives what all items of the conversation have.
func (c *intercomConversation) item() feedback.Submission {
	s := feedback.Submission{URL: c.Source.URL}
	company := c.Company
	if company == nil {
		company = c.Companies.first()
	}
	for i := range c.Contacts.Contacts {
		if company == nil {
			company = c.Contacts.Contacts[i].Companies.first()
		}
	}
	if company != nil {
		id := company.CompanyID
		if id == "" {
			id = company.ID
		}
		if s.Customer = customer(id, company.Name); s.Customer != nil && company.Plan != nil {
			s.Customer.Plan = company.Plan.Name
		}
		if s.Customer != nil && company.MonthlySpend != nil && *company.MonthlySpend > 0 {
			arr := *company.MonthlySpend * 12
			s.Customer.ARR = &arr
		}
	}
	put(&s, "conversation", c.ID)
	put(&s, "channel", c.Source.Type)
	put(&s, "state", c.State)
	if c.Priority == "priority" {
		put(&s, "priority", "priority")
	}
	var tags []string
	for _, t := range c.Tags.Tags {
		tags = append(tags, t.Name)
	}
	put(&s, "tags", tags)
	if c.Rating != nil && c.Rating.Rating != nil {
		put(&s, "rating", *c.Rating.Rating)
	}
	return s
}

// plainTitle takes the tags out of a subject that is written as HTML.
func plainTitle(title string) string {
	var b strings.Builder
	for inside := false; title != ""; {
		at := strings.IndexAny(title, "<>")
		if at < 0 {
			if !inside {
				b.WriteString(title)
			}
			break
		}
		if !inside {
			b.WriteString(title[:at])
		}
		inside = title[at] == '<'
		title = title[at+1:]
	}
	return strings.TrimSpace(b.String())
}
