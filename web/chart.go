package web

import (
	"fmt"
	"strings"

	"earshot/feedback"
)

// bar is one week of a chart, in units of its viewBox.
type bar struct {
	X, Y, W, H, Middle, Above float64
	Now                       bool
	Title, Label, Date        string
	Reported                  string // the count as it was reported then; "" where that does not differ
}

// chart is a row of bars, with the same in words for who does not see it.
type chart struct {
	Width, Height, Total, Below float64
	Bars                        []bar
	Text, First, Last           string
	Line                        string // the points of the counts as they were reported then; "" where they do not differ
}

// bars draws the weekly counts, the largest of them at full height.
func bars(weekly []feedback.Week, width, height, top float64) chart {
	return scaled(weekly, nil, width, height, top)
}

// barsBeside is bars with the same weeks as they were reported then as a line, both by one scale; without weeks to put
// beside them it is bars.
func barsBeside(weekly, reported []feedback.Week, width, height, top float64) chart {
	c := scaled(weekly, reported, width, height, top)
	if len(reported) != len(weekly) {
		return c
	}
	most := 1
	for i := range weekly {
		most = max(most, weekly[i].Items, reported[i].Items)
	}
	var points, said []string
	for i, w := range reported {
		y := height - (height-top)*float64(w.Items)/float64(most)
		points = append(points, fmt.Sprintf("%g,%g", c.Bars[i].Middle, round(y)))
		said = append(said, count(w.Items))
		c.Bars[i].Reported = count(w.Items)
	}
	c.Line = strings.Join(points, " ")
	c.Text += "; as reported then: " + strings.Join(said, ", ")
	return c
}

// scaled draws bars by a scale that has room for the counts beside them.
func scaled(weekly, beside []feedback.Week, width, height, top float64) chart {
	c := chart{Width: width, Height: height, Total: height + 20, Below: height + 14, Text: "no weeks yet"}
	if len(weekly) == 0 {
		return c
	}
	most := 1
	for _, w := range append(weekly[:len(weekly):len(weekly)], beside...) {
		most = max(most, w.Items)
	}
	step := width / float64(len(weekly))
	var said []string
	for i, w := range weekly {
		h := (height - top) * float64(w.Items) / float64(most)
		if w.Items > 0 {
			h = max(h, 1)
		}
		b := bar{X: round(float64(i)*step + step*0.1), W: round(step * 0.8), H: round(h), Y: round(height - h),
			Now: len(weekly)-i <= trendWeeks, Label: count(w.Items), Date: date(w.Start),
			Title: fmt.Sprintf("week of %s: %s", date(w.Start), plural(w.Items, "item"))}
		b.Middle, b.Above = round(b.X+b.W/2), round(b.Y-4)
		c.Bars = append(c.Bars, b)
		said = append(said, count(w.Items))
	}
	c.First, c.Last = date(weekly[0].Start), date(weekly[len(weekly)-1].Start)
	c.Text = fmt.Sprintf("items a week from %s to %s: %s", c.First, c.Last, strings.Join(said, ", "))
	return c
}

// round keeps a hundredth of a unit: more only makes the page longer.
func round(x float64) float64 { return float64(int(x*100+0.5)) / 100 }

func spark(weekly []feedback.Week) chart { return bars(weekly, 108, 25, 1) }
