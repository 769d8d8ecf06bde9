package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// around gives unit rows around some centres, at distances between least and most of their length.
func around(rows, dims, centres int, least, most float64, rng *rand.Rand) Matrix {
	m := Matrix{Rows: rows, Dims: dims, Data: make([]float32, rows*dims)}
	middle := make([]float64, centres*dims)
	for i := range middle {
		middle[i] = rng.NormFloat64()
	}
	for r := range rows {
		off := least * math.Pow(most/least, rng.Float64())
		row := m.Row(r)
		for d := range row {
			row[d] = float32(middle[r%centres*dims+d] + off*rng.NormFloat64())
		}
		unit(row)
	}
	return m
}

func TestScreeningFindsWhatComparingInFullFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	spread := around(500, 64, 9, 0.5, 2, rng)
	close := around(500, 31, 3, 1e-7, 0.3, rng)
	copies := around(300, 17, 2, 1e-8, 1e-7, rng)
	some := someCrowd(rng)
	uneven := around(400, 40, 5, 0.1, 1, rng)
	for i := range uneven.Data {
		uneven.Data[i] *= float32(math.Exp2(float64(i / uneven.Dims % 7))) // not of one length
	}
	for name, m := range map[string]Matrix{
		"spread": spread, "close": close, "copies": copies, "some crowd": some, "uneven": uneven,
		"zero": {Rows: 50, Dims: 3, Data: make([]float32, 150)},
	} {
		for _, k := range []int{1, 15} {
			want, err := compared(t.Context(), m, k, NearestOptions{})
			if err != nil {
				t.Fatal(err)
			}
			eachKernel(t, func(t *testing.T) {
				if !hasAVX2 {
					return // nothing is screened
				}
				for _, workers := range []int{1, 3} {
					got, err := Nearest(t.Context(), m, NearestOptions{K: k, Workers: workers})
					if err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(got.Index, want.Index) || !slices.Equal(got.Cosine, want.Cosine) {
						t.Fatalf("%s, %d neighbours, %d workers: screening found others", name, k, workers)
					}
				}
			})
		}
	}
}

// Some rows that crowd are multiplied as they come; where too many do, screening gives up.
func TestScreeningGivesUpWhereRowsCrowd(t *testing.T) {
	if !hasAVX2 {
		return // nothing is screened
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for name, c := range map[string]struct {
		m    Matrix
		gave bool
	}{
		"some crowd": {someCrowd(rng), false},
		"all crowd":  {around(1500, 17, 1, 1e-8, 1e-7, rng), true},
	} {
		_, ok, err := screened(t.Context(), c.m, 15, NearestOptions{})
		if err != nil || ok == c.gave {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

// someCrowd gives rows of which a seventh are almost one.
func someCrowd(rng *rand.Rand) Matrix {
	m := around(600, 24, 6, 0.5, 2, rng)
	crowd := around(100, 24, 1, 1e-6, 1e-5, rng)
	return Matrix{Rows: m.Rows + crowd.Rows, Dims: m.Dims, Data: append(m.Data, crowd.Data...)}
}

// The slack is what keeps rounding from losing a neighbour: no product may be further off.
func TestRoundedProductsAreWithinTheSlack(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, dims := range []int{1, 2, 5, 64, 640} {
		m := around(60, dims, 4, 0.01, 2, rng)
		s, err := newScreen(t.Context(), m, 5, 1)
		if err != nil {
			t.Fatal(err)
		}
		whole := func(r int) []int16 {
			out := make([]int16, 2*s.pairs)
			for d := range out {
				out[d] = s.panels[r/panelWidth*panelWidth*2*s.pairs+d/2*2*panelWidth+r%panelWidth*2+d%2]
			}
			return out
		}
		for a := range m.Rows {
			for b := range m.Rows {
				var exact, product int64
				var sum float32
				p, q := whole(a), whole(b)
				for d := range p {
					product += int64(p[d]) * int64(q[d])
				}
				for d, x := range m.Row(a) {
					sum += float32(x * m.Row(b)[d])
				}
				if exact = int64(math.Round(float64(sum) * s.square)); math.Abs(float64(exact-product)) > s.slack+1 {
					t.Fatalf("%d dimensions: %d and %d, %.0f apart at most", dims, exact, product, s.slack)
				}
				if product > math.MaxInt32 {
					t.Fatalf("a product of %d is too large", product)
				}
			}
		}
	}
}

func TestScreeningKernelsGiveTheSameProducts(t *testing.T) {
	if !hasAVX2 {
		return // nothing is screened
	}
	rng := rand.New(rand.NewPCG(9, 10))
	for _, pairs := range []int{1, 2, 3, 16, 33, 320} {
		limit := int(math.Sqrt(math.MaxInt32 / float64(2*pairs)))
		draw := func(n, limit int) []int16 {
			out := make([]int16, n)
			for i := range out {
				out[i] = int16(rng.IntN(2*limit+1) - limit)
			}
			return out
		}
		limit = min(limit, math.MaxInt16)
		rows, panel := draw(2*panelWidth*pairs, limit), draw(2*panelWidth*pairs, limit)
		product := func(r, c int) (sum int32) {
			for p := range pairs {
				at := 2 * panelWidth * p
				sum += int32(rows[at+2*r])*int32(panel[at+2*c]) + int32(rows[at+2*r+1])*int32(panel[at+2*c+1])
			}
			return sum
		}
		var rowFloor [screenedRows]int32
		var columnFloor [panelWidth]int32
		for i := range columnFloor {
			columnFloor[i] = product(rng.IntN(screenedRows), i)
			rowFloor[i%screenedRows] = product(i%screenedRows, rng.IntN(panelWidth))
		}
		eachKernel(t, func(t *testing.T) {
			if !hasAVX2 {
				return
			}
			var out [screenedRows * panelWidth]int32
			low, high := screenRows(rows, pairs, panel, &rowFloor, &columnFloor, &out)
			for i := range out {
				r, c := i/panelWidth, i%panelWidth
				set := low>>i&1 == 1
				if half := len(out) / 2; i >= half {
					set = high>>(i-half)&1 == 1
				}
				want := product(r, c)
				if above := want > rowFloor[r] || want > columnFloor[c]; set != above || set && out[i] != want {
					t.Fatalf("%d pairs, row %d, column %d: %v %d, want %v %d", pairs, r, c, set, out[i], above, want)
				}
			}
		})
	}
}
