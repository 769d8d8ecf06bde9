package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"earshot/feedback"
)

//go:embed page/pulse.html
var pageSource string

//go:embed page/palette.css
var palette string

//go:embed page/pulse.css
var pulseStyle string

// Palette is the style sheet of the page's colours and typefaces, by light and by dark, as custom properties: for other
// pages of the same publication.
func Palette() string { return palette }

var pageTemplate = template.Must(template.New("pulse").Parse(pageSource))

// Options say how a page is drawn.
type Options struct {
	// BaseURL is what the links to evidence start with when the page is served: with "/" they go to /clusters/C12 and
	// /excerpts/<excerpt id>. When it is empty, the page is a file of its own: the evidence stands at its end.
	BaseURL string
	// Workspace is put into the query of those links, where it is not empty.
	Workspace string
	// Audience leaves out what it does not need; everything is drawn where it is empty.
	Audience Audience
	// Nav leads from a served page to the others.
	Nav []NavLink
	// Erased is when evidence was taken out of the document after it was published; zero where none was.
	Erased time.Time
}

// NavLink is a link to another page.
type NavLink struct {
	Text, Href string
	Here       bool // it is this page
}

// links make the addresses of evidence.
type links struct {
	base  string
	query string                      // with its question mark, or ""
	shown map[feedback.ClusterID]bool // the clusters in the page's own evidence; nil when the page is served
}

func (l links) cluster(id feedback.ClusterID) string {
	switch {
	case l.shown == nil:
		return strings.TrimSuffix(l.base, "/") + "/clusters/" + id.String() + l.query
	case l.shown[id]:
		return "#" + id.String()
	}
	return ""
}

func (l links) excerpt(id string) string {
	if l.shown == nil {
		return strings.TrimSuffix(l.base, "/") + "/excerpts/" + id + l.query + "#e-" + id
	}
	return "#e-" + id
}

type htmlName struct{ Text, Full, Href string }

// link names something; the full name stands in the title when the shown one is cut.
func name(full string, limit int, href string) htmlName {
	text := display(full, limit)
	if whole := display(full, 1<<20); whole != text {
		return htmlName{Text: text, Full: whole, Href: href}
	}
	return htmlName{Text: text, Href: href}
}

type htmlPart struct{ Kind, Text, Full, Href string }

type htmlClaim struct {
	Label string
	Claim []htmlPart
	Note  string
}

type htmlQuote struct {
	ID, Text, Href, Speaker string
	Cut                     bool
	Name                    htmlName
}

type htmlTopic struct {
	Name                                                           htmlName
	Feature                                                        *htmlName
	Share, Customers, ARR                                          htmlName
	Flag, Items, Change, Arrow, Tone, Certainty, Status, Sentiment string
	Spark                                                          sparkline
	Mood                                                           moodBar
}

type htmlTheme struct {
	Name                                     htmlName
	Share, Change, Sentiment, Customers, ARR string
	Rows                                     []htmlTopic
	More                                     string
}

type htmlAccount struct {
	Name                                 htmlName
	Call, Segment, ARR, Negative, Severe string
	IsSevere                             bool
	About                                []htmlName
}

type htmlSegment struct {
	Name                         htmlName
	Heard, Items, ARR, Sentiment string
	Mood                         moodBar
	About                        []htmlNote
}

type htmlNote struct {
	Name htmlName
	Note string
}

type htmlEvidence struct {
	ID     string
	Name   htmlName
	Facts  []string
	Quotes []htmlQuote
}

type htmlPage struct {
	Title, Workspace, WorkspaceFull, Period, Previous, Left, Hash string
	Nav                                                           []NavLink
	Style                                                         template.CSS
	Headline                                                      []htmlPart
	Summary, Emerging, Shipped, Unmet, Build, Other               []htmlClaim
	Stake                                                         []htmlPart
	Figures, Notes                                                []figure
	Themes                                                        []htmlTheme
	Comparable, Weekly, Customers, ARR, Features                  bool
	Columns                                                       int
	Chart, Narrow                                                 *growthMap
	Accounts                                                      []htmlAccount
	Quotes                                                        []htmlQuote
	Segments                                                      []htmlSegment
	Method                                                        []string
	Evidence                                                      []htmlEvidence
}

// HTML draws the document as one page that needs nothing else: its style is within, it has no script and makes no
// request. Equal documents give equal bytes.
func HTML(doc *Document, opts Options) ([]byte, error) {
	b := newBuilder(newView(doc, opts.Audience), opts)
	page := b.page()
	if !opts.Erased.IsZero() {
		page.Notes = append(page.Notes, figure{Label: "Evidence erased", Value: opts.Erased.UTC().Format(time.DateOnly),
			Note: "On request, words of customers were taken out of this Pulse after it was published. Its numbers stand as they were."})
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, page); err != nil {
		return nil, feedback.Errorf(feedback.Internal, "draw the pulse: %w", err)
	}
	return out.Bytes(), nil
}

// builder fills the page's template.
type builder struct {
	*view
	facts *facts
	links links
	brief bool // the executive's page
	nav   []NavLink
	order []feedback.ClusterID // of the evidence
}

func newBuilder(v *view, opts Options) *builder {
	b := &builder{view: v, facts: &facts{snapshot: v.s, statistics: v.st}, links: links{base: opts.BaseURL}, nav: opts.Nav, brief: opts.Audience == Executive}
	if opts.Workspace != "" {
		b.links.query = "?" + url.Values{"workspace": {opts.Workspace}}.Encode()
	}
	if opts.BaseURL != "" {
		return b
	}
	b.links.shown = map[feedback.ClusterID]bool{}
	show := func(id feedback.ClusterID) {
		if i := v.cluster(id); i >= 0 && !b.links.shown[id] {
			b.links.shown[id] = true
			b.order = append(b.order, id)
		}
	}
	for _, t := range v.Themes {
		for _, r := range t.Rows {
			show(r.Facts.ID)
		}
	}
	for _, f := range v.doc.Findings {
		for _, p := range f.Claim.Parts {
			if id, err := feedback.ParseClusterID(p.Ref); err == nil {
				show(id)
			}
		}
	}
	for _, q := range v.Quotes {
		show(q.Cluster)
	}
	for _, a := range v.Accounts {
		for _, id := range a.Clusters {
			show(id)
		}
	}
	return b
}

func (v *view) cluster(id feedback.ClusterID) int {
	for i := range v.s.Clusters {
		if v.s.Clusters[i].ID == id {
			return i
		}
	}
	return -1
}

func (b *builder) claim(c Claim) []htmlPart {
	var parts []htmlPart
	for _, p := range c.Parts {
		h := htmlPart{Kind: string(p.Kind), Text: p.Text}
		switch p.Kind {
		case PartName:
			full, _ := b.facts.name(p.Ref)
			n := name(full, nameLimit, b.ref(p.Ref))
			h.Full, h.Href = n.Full, n.Href
		case PartNumber:
			h.Href = b.behind(p)
		case PartQuote:
			h.Href = b.said(p.Excerpt)
		}
		parts = append(parts, h)
	}
	return parts
}

// behind links a number to what it counts.
func (b *builder) behind(p Part) string {
	for _, c := range p.Cites {
		if href := b.ref(b.facts.entity(c.Path)); href != "" {
			return href
		}
	}
	return "#coverage"
}

// ref links a name to what is known of it; "" where the page has nothing more to show.
func (b *builder) ref(ref string) string {
	switch {
	case strings.HasPrefix(ref, "account:") && len(b.Accounts) > 0:
		return "#accounts"
	case strings.HasPrefix(ref, "feature:"):
		for _, f := range b.s.Shipped {
			if featureRef(f.Feature) == ref {
				return "#shipped"
			}
		}
	case strings.HasPrefix(ref, "segment:"):
		return "#segments"
	case strings.HasPrefix(ref, "forming:"):
		return "#" + strings.TrimPrefix(ref, "forming:")
	default:
		if id, err := feedback.ParseClusterID(ref); err == nil {
			return b.links.cluster(id)
		}
	}
	return ""
}

// said links a quote to where it stands in full.
func (b *builder) said(excerpt string) string {
	for q := range b.s.Quotes() {
		if q.Excerpt.String() == excerpt {
			return b.links.excerpt(excerpt)
		}
	}
	return "#coverage"
}

func (b *builder) findings(note func(Finding) string, findings []Finding) []htmlClaim {
	var list []htmlClaim
	for _, f := range findings {
		list = append(list, htmlClaim{Label: kindLabels[f.Kind], Claim: b.claim(f.Claim), Note: note(f)})
	}
	return list
}

// testedClaim says how sure the finding is that a sentence of the summary tells. The executive's sheet goes without.
func (b *builder) testedClaim(c Claim) string {
	for _, f := range b.of(c.Kind) {
		if !b.brief && f.Claim.String() == c.String() {
			return b.tested(f)
		}
	}
	return ""
}

// tested says how sure a finding is.
func (b *builder) tested(f Finding) string {
	for _, c := range f.Numbers {
		if q, ok := c.Value.(float64); ok && strings.HasSuffix(c.Path, "/q") {
			if f.Sure {
				return fmt.Sprintf("%s, %s", capital(certainty(&Test{Q: q})), qvalue(q))
			}
			return "Too few to be sure, " + qvalue(q)
		}
	}
	if !f.Sure {
		return "Too few to be sure"
	}
	return ""
}
