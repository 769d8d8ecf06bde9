package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"image"
	"image/color"
	"image/png"

	"earshot/feedback"
)

//go:embed page/mail.html
var mailSource string

var mailTemplate = template.Must(template.New("mail").Parse(mailSource))

type mailPage struct {
	Workspace, Period, Previous string
	Headline                    []htmlPart
	Summary                     []htmlClaim
	Figures                     [][]figure // in rows of three
	Comparable, ARR             bool
	Topics                      []mailTopic
	Left                        string
	Forming, Calls              [][]htmlPart
	Quotes                      []mailQuote
	Link, Hash                  string
}

type mailTopic struct {
	Name, Items, Share, Change, Certainty, ARR string
	Picture                                    template.URL // cid: and its content id
	Weeks                                      string       // the picture in words
}

type mailQuote struct {
	Text, Speaker, About string
	Cut                  bool
}

// mailHTML draws the HTML of a mail and the pictures that it shows.
func mailHTML(v *view, link string) ([]byte, []picture, error) {
	p := mailPage{Workspace: display(v.heading(), nameLimit), Period: v.period(), Headline: plainClaim(v.doc.Headline),
		Comparable: v.st.Comparable, ARR: v.s.Coverage.ARR > 0, Link: link, Hash: v.doc.SnapshotHash[:min(12, len(v.doc.SnapshotHash))]}
	if v.st.Comparable {
		p.Previous = v.previous()
	}
	for _, c := range v.doc.Summary {
		p.Summary = append(p.Summary, htmlClaim{Label: orElse(kindLabels[c.Kind], "Overall"), Claim: plainClaim(c)})
	}
	for i := 0; i < len(v.Figures); i += 3 {
		p.Figures = append(p.Figures, v.Figures[i:min(i+3, len(v.Figures))])
	}
	var pictures []picture
	rows := v.largest(shortTopics)
	for i, r := range rows {
		t := mailTopic{Name: display(clusterName(r.Facts), nameLimit), Items: grouped(r.Facts.Now.Items), Share: percent(r.Stats.Share),
			Change: points(r.Stats.Change), Certainty: sureness(&r.Stats), ARR: money(r.Facts.Now.ARR)}
		line := spark(v.s, r.Facts.Weekly)
		t.Weeks = line.Label
		if len(line.Bars) > 0 {
			data, err := drawWeeks(r.Facts.Weekly, line)
			if err != nil {
				return nil, nil, err
			}
			id := pictureID(i+1, v.doc.SnapshotHash)
			t.Picture = template.URL("cid:" + id)
			pictures = append(pictures, picture{ID: id, Data: data})
		}
		p.Topics = append(p.Topics, t)
	}
	if left := v.st.Grouped - len(rows); left > 0 {
		p.Left = counted(left, "topic")
	}
	for _, f := range v.unsaid(Forming) {
		p.Forming = append(p.Forming, plainClaim(f.Claim))
	}
	for _, f := range v.calls() {
		p.Calls = append(p.Calls, plainClaim(f.Claim))
	}
	for _, q := range v.Quotes[:min(shortQuotes, len(v.Quotes))] {
		about := ""
		if i := v.cluster(q.Cluster); i >= 0 {
			about = display(clusterName(v.s.Clusters[i]), nameLimit)
		}
		p.Quotes = append(p.Quotes, mailQuote{Text: display(q.Text, 1<<20), Cut: q.Cut, Speaker: speaker(q.Quote), About: about})
	}
	var out bytes.Buffer
	if err := mailTemplate.Execute(&out, p); err != nil {
		return nil, nil, feedback.Errorf(feedback.Internal, "draw the mail: %w", err)
	}
	return out.Bytes(), pictures, nil
}

// plainClaim gives the parts of a sentence for a page without links.
func plainClaim(c Claim) []htmlPart {
	var parts []htmlPart
	for _, p := range c.Parts {
		text := p.Text
		if p.Kind == PartQuote {
			text = display(text, 1<<20)
		}
		parts = append(parts, htmlPart{Kind: string(p.Kind), Text: text})
	}
	return parts
}

// The size of a drawn series in pixels, twice what the mail shows, for sharp screens.
const (
	weekStep   = 12
	weekWidth  = 9
	weekHeight = 48
)

var weekColours = color.Palette{color.White, color.RGBA{0x9d, 0x98, 0x8c, 0xff}, color.RGBA{0x1d, 0x3b, 0x4f, 0xff}}

// drawWeeks draws a weekly series as a PNG; the weeks of the period are dark.
func drawWeeks(weekly []int, line sparkline) ([]byte, error) {
	img := image.NewPaletted(image.Rect(0, 0, weekStep*len(weekly), weekHeight), weekColours)
	most := 1
	for _, n := range weekly {
		most = max(most, n)
	}
	for w, n := range weekly {
		ink := uint8(1)
		if line.Bars[w].Class == "now" {
			ink = 2
		}
		top := weekHeight - max(2, (weekHeight*n+most/2)/most) // a week without items is still a week
		for y := top; y < weekHeight; y++ {
			for x := w * weekStep; x < w*weekStep+weekWidth; x++ {
				img.SetColorIndex(x, y, ink)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, feedback.Errorf(feedback.Internal, "draw a weekly series: %w", err)
	}
	return out.Bytes(), nil
}
