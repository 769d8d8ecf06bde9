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
	good, err := near.MarshalBinary()
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
	data, err := near.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got graph.Neighbours
	if err := got.UnmarshalBinary(data); err != nil || !reflect.DeepEqual(got, near) {
		t.Fatalf("%v, error %v", got, err)
	}
	for i := range data {
		data[i] ^= 1
		if got.UnmarshalBinary(data) == nil {
			t.Fatalf("byte %d was changed, and nobody saw", i)
		}
		data[i] ^= 1
	}
}
