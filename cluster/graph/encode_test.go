package graph_test

import (
	"reflect"
	"testing"

	"earshot/cluster/graph"
)

func FuzzNeighboursUnmarshal(f *testing.F) {
	near, err := graph.Nearest(f.Context(), mixture(40, 4, 3, 0.5, 1), graph.NearestOptions{K: 3})
	if err != nil {
		f.Fatal(err)
	}
	good, err := near.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var n graph.Neighbours
		if n.UnmarshalBinary(data) != nil {
			if !reflect.DeepEqual(n, graph.Neighbours{}) {
				t.Fatal("what is refused left something behind")
			}
			return
		}
		for i := range n.Rows {
			for _, j := range n.Index[i*n.K : (i+1)*n.K] {
				if int(j) >= n.Rows {
					t.Fatalf("a neighbour %d of %d rows", j, n.Rows)
				}
			}
		}
	})
}

func TestNeighboursComeBackAsTheyWere(t *testing.T) {
	near, err := graph.Nearest(t.Context(), mixture(40, 4, 3, 0.5, 1), graph.NearestOptions{K: 3})
	if err != nil {
		t.Fatal(err)
	}
	data, err := near.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got graph.Neighbours
	if err := got.UnmarshalBinary(data); err != nil || !reflect.DeepEqual(got, near) {
		t.Fatalf("%v, error %v", got, err)
	}
}

func FuzzPartialUnmarshal(f *testing.F) {
	m := mixture(1200, 4, 3, 0.5, 1)
	var good []byte
	if _, err := graph.Nearest(f.Context(), m, graph.NearestOptions{K: 2, Exact: 1, Keep: func(p graph.Partial) {
		good, _ = p.AppendBinary(nil)
	}}); err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-4])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var p graph.Partial
		if p.UnmarshalBinary(data) != nil {
			if !reflect.DeepEqual(p, graph.Partial{}) {
				t.Fatal("what is refused left something behind")
			}
			return
		}
		// Whatever it says, a search that goes on there finds neighbours or begins anew.
		near, err := graph.Nearest(t.Context(), m, graph.NearestOptions{K: 2, Exact: 1, From: &p})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range near.Index {
			if i < 0 || int(i) >= m.Rows {
				t.Fatalf("a neighbour %d of %d rows", i, m.Rows)
			}
		}
	})
}
