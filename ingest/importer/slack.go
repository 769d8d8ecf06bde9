package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"earshot/feedback"
)

// slackMessages reads one day file of a channel, or a page of the conversations API, apart from the export that it
// belongs to; [OpenArchive] reads the whole of it.
var slackMessages = objectExport{
	Export: Export{Name: "Slack messages", Source: "slack", Files: "JSON: one day file of an export, or a page of the API",
		By: "objects of type message with a ts"},
	is: func(o map[string]json.RawMessage) bool {
		return rawString(o["type"]) == "message" && slackTime.MatchString(rawString(o["ts"]))
	},
	columns: slackColumns,
	leaves:  slackLeaves,
	read: func(raw []byte, out *said) error {
		return readSlack(raw, &slackPlace{}, out)
	},
}

var slackColumns = []Column{
	{Name: "text", Field: Text, Why: "messages and replies; people named in it become [USER_1]"},
	{Name: "channel, ts", Field: ID, Why: "the channel's id and the message's time"},
	{Name: "ts", Field: Time, Why: "seconds since 1970"},
	{Name: "user", Field: AuthorID, Why: "kept as a hash"},
	{Name: "channel, thread, reactions"},
}

var slackLeaves = []string{"bots' messages", "joins, topics and other notices"}

var slackTime = regexp.MustCompile(`^\d{9,10}\.\d{1,6}$`)

// slackPlace is what is known of where messages were said.
type slackPlace struct {
	channel string // its id, or its folder's name where that isn't known; "" for none
	name    string // of the channel
	people  *slackPeople
}

type slackMessage struct {
	Type     string        `json:"type"`
	Subtype  string        `json:"subtype"`
	User     string        `json:"user"`
	BotID    string        `json:"bot_id"`
	Text     string        `json:"text"`
	TS       string        `json:"ts"`
	ThreadTS string        `json:"thread_ts"`
	Channel  string        `json:"channel"`
	Hidden   bool          `json:"hidden"`
	Message  *slackMessage `json:"message"` // what a message_changed is about
	Reacted  []struct {
		Count int `json:"count"`
	} `json:"reactions"`
}

// readSlack makes an item of a message that a person wrote.
func readSlack(raw []byte, place *slackPlace, out *said) error {
	var m slackMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return err
	}
	if m.Subtype == "message_changed" && m.Message != nil {
		channel := m.Channel
		m = *m.Message
		m.Channel = channel
	}
	switch {
	case m.BotID != "" || m.Subtype == "bot_message" || m.User == "USLACKBOT" || place.people.bot(m.User):
		out.leave("bots' messages")
		return nil
	case m.Subtype != "" && m.Subtype != "thread_broadcast" && m.Subtype != "file_share" && m.Subtype != "me_message":
		out.leave("joins, topics and other notices")
		return nil
	case !slackTime.MatchString(m.TS):
		return errors.New("field ts: is not a time such as 1700000000.000100")
	}
	s := feedback.Submission{Body: place.people.text(m.Text), OccurredAt: slackWhen(m.TS), Author: author(idText(m.User), place.people.name(m.User), "")}
	if strings.TrimSpace(s.Body) == "" {
		out.leave("messages without words")
		return nil
	}
	channel := m.Channel
	if channel == "" {
		channel = place.channel
	}
	if s.ExternalID = m.TS; channel != "" {
		s.ExternalID = channel + "/" + m.TS
	}
	put(&s, "channel", place.name)
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		put(&s, "thread", m.ThreadTS)
	}
	reactions := 0
	for _, r := range m.Reacted {
		reactions += max(r.Count, 0)
	}
	put(&s, "reactions", reactions)
	out.add(s)
	return nil
}

func slackWhen(ts string) time.Time {
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}
	}
	micros, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, micros*1000).UTC()
}

// slackPeople are the members of a workspace. A nil one knows nobody.
type slackPeople struct {
	names map[string]string          // by id
	bots  map[string]bool            // by id
	full  map[string][]slackFullName // names of two words and more, by their first word
	short map[string]string          // ids by the name that stands behind an @
}

type slackFullName struct{ name, id string }

func newSlackPeople() *slackPeople {
	return &slackPeople{names: map[string]string{}, bots: map[string]bool{}, full: map[string][]slackFullName{}, short: map[string]string{}}
}

// add takes one element of users.json.
func (p *slackPeople) add(raw []byte) error {
	var u struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		RealName string `json:"real_name"`
		IsBot    bool   `json:"is_bot"`
		Profile  struct {
			RealName    string `json:"real_name"`
			DisplayName string `json:"display_name"`
		} `json:"profile"`
	}
	if err := json.Unmarshal(raw, &u); err != nil {
		return err
	}
	if u.ID == "" {
		return errors.New("field id: a user has one")
	}
	p.bots[u.ID] = u.IsBot
	for _, name := range []string{u.Profile.RealName, u.RealName, u.Profile.DisplayName, u.Name} {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if p.names[u.ID] == "" {
			p.names[u.ID] = name
		}
		p.short[strings.ToLower(name)] = u.ID
		if first, _, several := strings.Cut(name, " "); several {
			p.full[first] = append(p.full[first], slackFullName{name, u.ID})
		}
	}
	return nil
}

func (p *slackPeople) bot(id string) bool { return p != nil && p.bots[id] }

func (p *slackPeople) name(id string) string {
	if p == nil {
		return ""
	}
	return p.names[id]
}

var slackToken = regexp.MustCompile(`<([@#!][^<>\n]*|[A-Za-z][A-Za-z0-9+.-]*:[^<>\n]*)>`)

// text turns Slack's markup into what people read: links and channels by their words, people by placeholders that are
// the same for the same person within one message.
func (p *slackPeople) text(markup string) string {
	var b strings.Builder
	c := callers{ids: map[string]int{}}
	at := 0
	for _, m := range slackToken.FindAllStringSubmatchIndex(markup, -1) {
		b.WriteString(p.redact(html.UnescapeString(markup[at:m[0]]), &c))
		b.WriteString(slackWord(markup[m[2]:m[3]], &c))
		at = m[1]
	}
	b.WriteString(p.redact(html.UnescapeString(markup[at:]), &c))
	return b.String()
}

// callers numbers the people of one message.
type callers struct{ ids map[string]int }

func (c *callers) placeholder(id string) string {
	if c.ids[id] == 0 {
		c.ids[id] = len(c.ids) + 1
	}
	return fmt.Sprintf("[USER_%d]", c.ids[id])
}

// slackWord reads what stands between angle brackets.
func slackWord(token string, c *callers) string {
	target, label, _ := strings.Cut(token, "|")
	label = html.UnescapeString(label)
	switch {
	case strings.HasPrefix(target, "@"):
		return c.placeholder(target[1:])
	case strings.HasPrefix(target, "#"):
		if label == "" {
			return "#channel"
		}
		return "#" + strings.TrimPrefix(label, "#")
	case strings.HasPrefix(target, "!"):
		if name, _, _ := strings.Cut(target[1:], "^"); name == "subteam" {
			return "@group"
		} else if name != "date" {
			return "@" + name
		}
		return label
	}
	target = html.UnescapeString(target)
	target = strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:")
	switch {
	case label == "" || label == target || strings.HasSuffix(target, "//"+label):
		return target
	case strings.Contains(target, "://"):
		return label + " (" + target + ")"
	}
	return label
}

// redact replaces members' full names, and the names behind an @, where they stand as words of their own.
func (p *slackPeople) redact(text string, c *callers) string {
	if p == nil || len(p.names) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !inWord(r) && r != '@' {
			i += size
			continue
		}
		end := i + size
		for end < len(text) {
			r, n := utf8.DecodeRuneInString(text[end:])
			if !inWord(r) {
				break
			}
			end += n
		}
		id, stop := "", end
		if r == '@' {
			id, stop = p.handle(text, i+1, end)
		} else {
			for _, full := range p.full[text[i:end]] {
				if rest, ok := strings.CutPrefix(text[i:], full.name); ok && !startsInWord(rest) && i+len(full.name) > stop {
					id, stop = full.id, i+len(full.name)
				}
			}
		}
		if id != "" {
			b.WriteString(text[at:i])
			b.WriteString(c.placeholder(id))
			at = stop
		}
		i = max(stop, end)
	}
	b.WriteString(text[at:])
	return b.String()
}

// handle finds whom an @ names: a full name, or one word of letters, digits, points and hyphens.
func (p *slackPeople) handle(text string, from, end int) (id string, stop int) {
	for _, full := range p.full[text[from:end]] {
		if rest, ok := strings.CutPrefix(text[from:], full.name); ok && !startsInWord(rest) {
			return full.id, from + len(full.name)
		}
	}
	for stop = end; stop < len(text) && (text[stop] == '.' || text[stop] == '-' || startsInWord(text[stop:])); {
		_, n := utf8.DecodeRuneInString(text[stop:])
		stop += n
	}
	name := strings.TrimRight(text[from:stop], ".-")
	return p.short[strings.ToLower(name)], from + len(name)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func startsInWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && inWord(r)
}

// sorted brings the names that share a first word into one order, the longest first.
func (p *slackPeople) sorted() {
	for _, list := range p.full {
		slices.SortFunc(list, func(a, b slackFullName) int {
			if d := len(b.name) - len(a.name); d != 0 {
				return d
			}
			return strings.Compare(a.name+a.id, b.name+b.id)
		})
	}
}
