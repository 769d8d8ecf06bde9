package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"earshot/feedback"
)

// copied are points about topics: of each so many texts, of each so many copies whose vectors differ by so much noise.
func copied(topics, texts, copies int, noise float64) (points []feedback.Point) {
	const dims = 64
	rng := rand.New(rand.NewPCG(1, 1))
	about := func(of feedback.Vector, weight float64) feedback.Vector {
		v := make(feedback.Vector, dims)
		for d := range v {
			v[d] = float32(rng.NormFloat64() * weight / 8) // the root of dims
			if of != nil {
				v[d] += of[d]
			}
		}
		feedback.Normalize(v)
		return v
	}
	for topic := range topics {
		centre := about(nil, 1)
		for text := range texts {
			says := about(centre, 0.8)
			for n := range copies {
				item := feedback.ItemID("w", "s", fmt.Sprint(topic, text, n))
				points = append(points, feedback.Point{Item: item, Excerpt: feedback.ExcerptID(item, "x", 0), Vector: about(says, noise),
					Text: fmt.Sprintf("topic%d said%d%d so", topic, topic, text)})
			}
		}
	}
	return points
}

func TestNearCopiesOfATextAreNoClusterOfTheirOwn(t *testing.T) {
	for _, c := range []struct {
		copies   int
		noise    float64
		gathered bool
	}{{40, 0.1, true}, {20, 0.6, false}} {
		d := &drawer{points: copied(20, 5, c.copies, c.noise)}
		stage, err := New(Config{Store: d, Model: feedback.Model{Name: "m", Version: "1", Dimensions: 64}, Now: d.now})
		if err != nil {
			t.Fatal(err)
		}
		points, vectors, err := stage.points(t.Context(), "w")
		if err != nil {
			t.Fatal(err)
		}
		g, err := stage.group(t.Context(), points, vectors, feedback.Standing{})
		if err != nil {
			t.Fatal(err)
		}
		rows := g.space.matrix.Rows
		if (rows < len(points)) != c.gathered || c.gathered && rows > len(points)/4 {
			t.Errorf("noise %g: %d points are %d rows", c.noise, len(points), rows)
		}
		seen := 0
		for r, members := range g.space.points {
			seen += len(members)
			for _, p := range members {
				if g.space.rowOf[p] != int32(r) || points[p].Text != points[members[0]].Text {
					t.Fatalf("row %d of point %d and %d", r, p, members[0])
				}
			}
		}
		if seen != len(points) {
			t.Errorf("the rows have %d of %d points", seen, len(points))
		}
		if n := len(g.members); c.gathered && (n < 15 || n > 26) {
			t.Errorf("20 topics come out as %d clusters", n)
		} else {
			t.Logf("noise %g: %d rows, %d clusters", c.noise, rows, n)
		}
	}
}
