package graph_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"earshot/cluster/graph"
)

func TestPartitionedSearchFindsAlmostAllNeighboursAndSaysHowMany(t *testing.T) {
	m := mixture(6000, 24, 300, 0.6, 7)
	copy(m.Row(10), m.Row(11))
	exact, err := graph.Nearest(t.Context(), m, graph.NearestOptions{K: 10})
	if err != nil {
		t.Fatal(err)
	}
	if exact.Recall != 1 {
		t.Errorf("an exact search says that its recall is %v", exact.Recall)
	}
	var first graph.Neighbours
	for _, workers := range []int{1, 3} {
		got, err := graph.Nearest(t.Context(), m, graph.NearestOptions{K: 10, Exact: 1000, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if first.Rows == 0 {
			first = got
		}
		if !slices.Equal(got.Index, first.Index) || !slices.Equal(got.Cosine, first.Cosine) || got.Recall != first.Recall {
			t.Fatalf("%d workers find something else than one", workers)
		}
	}
	hits := 0
	for i := range m.Rows {
		want, _ := exact.Of(i)
		index, cosine := first.Of(i)
		for x, j := range index {
			if int(j) == i || slices.Contains(index[:x], j) {
				t.Fatalf("the neighbours of %d are %v", i, index)
			}
			if cosine[x] != naive(m.Row(i), m.Row(int(j))) || x > 0 && cosine[x] > cosine[x-1] {
				t.Fatalf("the cosines of %d are %v", i, cosine)
			}
			if slices.Contains(want, j) {
				hits++
			}
		}
	}
	recall := float64(hits) / float64(len(exact.Index))
	if recall < 0.9 {
		t.Errorf("recall %v", recall)
	}
	if first.Recall < recall-0.05 || first.Recall > recall+0.05 {
		t.Errorf("the search says that its recall is %v, it is %v", first.Recall, recall)
	}
}

func TestPartitionedSearchOfFewDifferentRows(t *testing.T) {
	m := mixture(500, 4, 1, 0, 1) // all the same
	got, err := graph.Nearest(t.Context(), m, graph.NearestOptions{K: 15, Exact: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Rows {
		index, _ := got.Of(i)
		for x, j := range index {
			if j < 0 || int(j) >= m.Rows || int(j) == i || slices.Contains(index[:x], j) {
				t.Fatalf("the neighbours of %d are %v", i, index)
			}
		}
	}
}

func TestPartitionedSearchStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	m := mixture(3000, 8, 30, 0.5, 3)
	_, err := graph.Nearest(ctx, m, graph.NearestOptions{Exact: 1, Progress: func(int, int) { cancel(stopped) }})
	if !errors.Is(err, stopped) {
		t.Fatalf("error %v", err)
	}
}

func TestCoarsenKeepsModularity(t *testing.T) {
	near, err := graph.Nearest(t.Context(), mixture(3000, 16, 40, 0.5, 5), graph.NearestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fine := graph.Build(near)
	coarse, of := graph.Coarsen(fine, 400, 1, nil)
	if coarse.Nodes() > 1000 || coarse.Nodes() < 40 {
		t.Fatalf("%d nodes of 3000", coarse.Nodes())
	}
	for _, r := range []float64{0.3, 1, 4} {
		community := graph.Leiden(coarse, graph.LeidenOptions{Resolution: r, Seed: 1})
		rows := make([]int32, len(of))
		for i, node := range of {
			rows[i] = community[node]
		}
		a, b := graph.Modularity(coarse, community, r), graph.Modularity(fine, rows, r)
		if a-b > 1e-9 || b-a > 1e-9 {
			t.Errorf("resolution %v: modularity %v of the coarse graph, %v of the fine", r, a, b)
		}
		direct := graph.Modularity(fine, graph.Leiden(fine, graph.LeidenOptions{Resolution: r, Seed: 1}), r)
		if b < 0.97*direct {
			t.Errorf("resolution %v: modularity %v by way of the coarse graph, %v without", r, b, direct)
		}
	}
}

func TestLeidenStopsWhenAsked(t *testing.T) {
	edges := make([]graph.Edge, 0, 200_000)
	for i := range int32(200_000 - 1) {
		edges = append(edges, graph.Edge{A: i, B: i + 1, Weight: 1})
	}
	g := graph.FromEdges(200_000, edges)
	asked := 0
	found := graph.Leiden(g, graph.LeidenOptions{Seed: 1, Stop: func() bool { asked++; return true }})
	if asked == 0 || asked > 20 {
		t.Errorf("asked %d times", asked)
	}
	if len(found) != g.Nodes() {
		t.Errorf("%d communities of %d nodes", len(found), g.Nodes())
	}
}

func TestPartitionedSearchGoesOnWhereItWasStopped(t *testing.T) {
	m := mixture(6000, 24, 300, 0.6, 7)
	search := func(ctx context.Context, from *graph.Partial, keep func(graph.Partial)) (n graph.Neighbours, steps int, err error) {
		n, err = graph.Nearest(ctx, m, graph.NearestOptions{K: 10, Exact: 1000, From: from, Keep: keep, Progress: func(int, int) { steps++ }})
		return n, steps, err
	}
	want, all, err := search(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var kept []graph.Partial
	if _, _, err := search(t.Context(), nil, func(p graph.Partial) {
		data, err := p.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		var copied graph.Partial
		if err := copied.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, copied)
	}); err != nil || len(kept) < 4 {
		t.Fatalf("kept %d times, error %v", len(kept), err)
	}
	for i, p := range kept {
		got, steps, err := search(t.Context(), &p, nil)
		if err != nil || !slices.Equal(got.Index, want.Index) || !slices.Equal(got.Cosine, want.Cosine) || got.Recall != want.Recall {
			t.Errorf("from %d cells on it finds something else, error %v", p.Cells, err)
		}
		if steps >= all-i {
			t.Errorf("from %d cells on it takes %d steps of %d", p.Cells, steps, all)
		}
	}
	// What cannot be of these rows is left aside.
	for _, spoil := range []func(*graph.Partial){
		func(p *graph.Partial) { p.Rows-- }, func(p *graph.Partial) { p.Cells = 99 }, func(p *graph.Partial) { p.Near[5] = 99 },
		func(p *graph.Partial) { p.Index[5] = 6000 }, func(p *graph.Partial) { p.Cosine = p.Cosine[1:] },
	} {
		p := kept[1]
		p.Near, p.Index = slices.Clone(p.Near), slices.Clone(p.Index)
		spoil(&p)
		if got, steps, err := search(t.Context(), &p, nil); err != nil || !slices.Equal(got.Index, want.Index) || steps != all {
			t.Errorf("%d steps, error %v", steps, err)
		}
	}
}
