package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/rivo/uniseg"

	"earshot/feedback"
)

// coordinates are written with one decimal: enough for a screen, and the same bytes on every machine.
func at(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10+0, 'f', -1, 64) }

type bar struct{ Class, X, Y, W, H string }

type sparkline struct {
	Width string
	Label string
	Bars  []bar
}

// spark draws a weekly series; the weeks of the period are dark.
func spark(s *feedback.Snapshot, weekly []int) sparkline {
	const step, width = 6.0, 4.6
	most, last := 1, 0
	for _, n := range weekly {
		most = max(most, n)
		last = n
	}
	line := sparkline{Width: at(step*float64(max(1, len(weekly))) - (step - width))}
	for w, n := range weekly {
		class := "past"
		if w < len(s.Weeks) && s.Weeks[w].AddDate(0, 0, 6).After(s.Period.Start) && s.Weeks[w].Before(s.Period.End) {
			class = "now"
		}
		h := 0.8 // a week without items is still a week
		if n > 0 {
			h = max(1.6, 20*float64(n)/float64(most))
		}
		line.Bars = append(line.Bars, bar{Class: class, X: at(step * float64(w)), Y: at(20 - h), W: at(width), H: at(h)})
	}
	line.Label = fmt.Sprintf("%s, %s at most, %d in the last", counted(len(weekly), "week"), counted(most, "item"), last)
	return line
}

type moodBar struct{ Class, X, W string }

// mood draws a sentiment as a bar to the left or the right of neutral.
func mood(v float64) moodBar {
	w := 24 * min(1, math.Abs(v))
	if v < 0 {
		return moodBar{Class: "neg", X: at(24 - w), W: at(w)}
	}
	return moodBar{Class: "pos", X: "24", W: at(w)}
}

type mark struct{ Class, X, Y, R, Text, Anchor, Title, Href string }

type mapRow struct{ Name, Change, Certainty, Sentiment, Items, Zone string }

// growthMap is the chart of growth against sentiment.
type growthMap struct {
	Width, Height, Left, Top, Right, Bottom, InnerW, InnerH, ZeroX, ZeroY string
	Zones, Ticks, Dots, Labels                                            []mark
	Rows                                                                  []mapRow
}

// canvas is the size of a chart: broad for a screen and for paper, tall for a phone.
type canvas struct{ width, height, left, right, top, bottom float64 }

var (
	broad = canvas{width: 1000, height: 390, left: 1, right: 999, top: 8, bottom: 362}
	tall  = canvas{width: 380, height: 430, left: 1, right: 379, top: 8, bottom: 402}
)

const (
	letterWidth     = 6.4 // of a label, at a guess: it depends on the reader's font
	labelLineHeight = 15.0
	labelLimit      = 30 // graphemes
)

type box struct{ x0, y0, x1, y1 float64 }

func (a box) meets(b box) bool { return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1 }

type bubble struct {
	c       *feedback.ClusterFacts
	st      *ClusterStatistics
	x, y, r float64
}

// drawMap places the topics that have the support to be tested. Both scales are square roots, so that the crowd near
// nothing spreads; where circles and labels would meet, the label of the lighter topic gives way.
func drawMap(v *view, l links, in canvas) *growthMap {
	if !v.st.Comparable {
		return nil
	}
	var bubbles []bubble
	reach, most, extent := 0.01, 1, 0.3
	for i := range v.s.Clusters {
		c, st := &v.s.Clusters[i], &v.st.Clusters[i]
		if c.Now.Items == 0 || c.Now.Items+c.Before.Items < MinItems {
			continue
		}
		bubbles = append(bubbles, bubble{c: c, st: st})
		reach, most, extent = max(reach, math.Abs(st.Change)), max(most, c.Now.Items), max(extent, math.Abs(c.Now.Sentiment))
	}
	if len(bubbles) == 0 {
		return nil
	}
	midX, midY := (in.left+in.right)/2, (in.top+in.bottom)/2
	for i := range bubbles {
		b := &bubbles[i]
		b.x = midX + (in.right-in.left)*0.42*math.Copysign(math.Sqrt(math.Abs(b.st.Change)/reach), b.st.Change)
		b.y = midY - (in.bottom-in.top)*0.36*b.c.Now.Sentiment/extent
		b.r = 4 + 17*math.Sqrt(float64(b.c.Now.Items)/float64(most))
	}
	slices.SortStableFunc(bubbles, func(a, b bubble) int {
		return cmp.Or(-cmp.Compare(truth(a.st.ShareTest.Significant()), truth(b.st.ShareTest.Significant())), -cmp.Compare(a.c.Now.Items, b.c.Now.Items))
	})
	bubbles = bubbles[:min(maxCircles, len(bubbles))]
	m := &growthMap{Width: at(in.width), Height: at(in.height), Left: at(in.left), Top: at(in.top), Right: at(in.right), Bottom: at(in.bottom),
		InnerW: at(in.right - in.left), InnerH: at(in.bottom - in.top), ZeroX: at(midX), ZeroY: at(midY)}
	m.Zones = []mark{{X: at(in.right - 12), Y: at(in.bottom - 14), Anchor: "end", Text: "Fix now"}, {X: at(in.right - 12), Y: at(in.top + 24), Anchor: "end", Text: "Celebrate"},
		{X: at(in.left + 12), Y: at(in.bottom - 14), Anchor: "start", Text: "Watch"}, {X: at(in.left + 12), Y: at(in.top + 24), Anchor: "start", Text: "Keep"}}
	m.Ticks = []mark{{X: at(in.left), Y: at(in.bottom + 20), Anchor: "start", Text: "smaller share, " + points(-reach)}, {X: at(midX), Y: at(in.bottom + 20), Anchor: "middle", Text: "as before"},
		{X: at(in.right), Y: at(in.bottom + 20), Anchor: "end", Text: points(reach) + ", larger share"},
		{X: at(midX + 8), Y: at(in.top + 16), Anchor: "start", Text: "kinder, " + sentiment(extent)}, {X: at(midX + 8), Y: at(in.bottom - 8), Anchor: "start", Text: "harsher, " + sentiment(-extent)}}
	m.label(bubbles, in)
	for i := len(bubbles) - 1; i >= 0; i-- { // the weightiest on top
		b := bubbles[i]
		name := display(clusterName(*b.c), nameLimit)
		class := "flat"
		switch {
		case b.c.Now.Sentiment < feedback.Negative:
			class = "neg"
		case b.c.Now.Sentiment > feedback.Positive:
			class = "pos"
		}
		if b.st.ShareTest.Significant() {
			class += " sure"
		}
		m.Dots = append(m.Dots, mark{Class: class, X: at(b.x), Y: at(b.y), R: at(b.r), Href: l.cluster(b.c.ID),
			Title: fmt.Sprintf("%s: %s, %s, sentiment %s", name, counted(b.c.Now.Items, "item"), points(b.st.Change), sentiment(b.c.Now.Sentiment))})
	}
	for _, b := range bubbles {
		m.Rows = append(m.Rows, mapRow{Name: display(clusterName(*b.c), nameLimit), Change: points(b.st.Change), Certainty: certainty(b.st.ShareTest),
			Sentiment: sentiment(b.c.Now.Sentiment), Items: grouped(b.c.Now.Items), Zone: zone(b)})
	}
	return m
}

// zone is the corner of the chart that a topic stands in.
func zone(b bubble) string {
	switch {
	case b.st.Change > 0 && b.c.Now.Sentiment < 0:
		return "fix now"
	case b.st.Change > 0:
		return "celebrate"
	case b.c.Now.Sentiment < 0:
		return "watch"
	}
	return "keep"
}

// label names the circles, the weightiest first, each where there is room: right, left, above or below.
func (m *growthMap) label(bubbles []bubble, in canvas) {
	taken := []box{{in.right - 110, in.bottom - 34, in.right, in.bottom}, {in.right - 110, in.top, in.right, in.top + 32},
		{in.left, in.bottom - 34, in.left + 90, in.bottom}, {in.left, in.top, in.left + 70, in.top + 32}}
	for _, b := range bubbles {
		taken = append(taken, box{b.x - b.r, b.y - b.r, b.x + b.r, b.y + b.r})
	}
	for _, b := range bubbles {
		text := display(clusterName(*b.c), labelLimit)
		w := letterWidth * float64(uniseg.StringWidth(text))
		own := box{b.x - b.r, b.y - b.r, b.x + b.r, b.y + b.r}
		x := max(in.left+2+w/2, min(in.right-2-w/2, b.x)) // above and below, a label may be pushed in from the edge
		for _, p := range []struct {
			x, y   float64
			anchor string
			area   box
		}{
			{b.x + b.r + 5, b.y + 4.5, "start", box{b.x + b.r + 3, b.y - labelLineHeight/2, b.x + b.r + 5 + w, b.y + labelLineHeight/2}},
			{b.x - b.r - 5, b.y + 4.5, "end", box{b.x - b.r - 5 - w, b.y - labelLineHeight/2, b.x - b.r - 3, b.y + labelLineHeight/2}},
			{x, b.y - b.r - 5, "middle", box{x - w/2, b.y - b.r - 4 - labelLineHeight, x + w/2, b.y - b.r - 3}},
			{x, b.y + b.r + 14, "middle", box{x - w/2, b.y + b.r + 3, x + w/2, b.y + b.r + 4 + labelLineHeight}},
		} {
			inside := p.area.x0 >= in.left && p.area.x1 <= in.right && p.area.y0 >= in.top && p.area.y1 <= in.bottom
			if !inside || slices.ContainsFunc(taken, func(t box) bool { return t != own && t.meets(p.area) }) {
				continue
			}
			class := "minor"
			if b.st.ShareTest.Significant() {
				class = ""
			}
			m.Labels = append(m.Labels, mark{Class: class, X: at(p.x), Y: at(p.y), Anchor: p.anchor, Text: text})
			taken = append(taken, p.area)
			break
		}
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
