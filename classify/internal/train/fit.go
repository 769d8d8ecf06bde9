package main

import "math"

// row is one text as the fit sees it: sparse and dense features.
type row struct {
	at     []int32
	value  []float64
	dense  []float64
	weight float64
	label  int
}

// softmax regression with an L2 penalty, fitted by L-BFGS. The weights are laid out [feature][class]; sparse features
// first, then dense ones, then the bias, which has no penalty.
type problem struct {
	rows    []row
	sparse  int
	dense   int
	classes int
	penalty float64
}

func (p *problem) size() int { return (p.sparse + p.dense + 1) * p.classes }

func (p *problem) scores(w []float64, r *row, out []float64) {
	k := p.classes
	copy(out, w[(p.sparse+p.dense)*k:])
	for i, f := range r.at {
		v, base := r.value[i], int(f)*k
		for c := range k {
			out[c] += v * w[base+c]
		}
	}
	for d, v := range r.dense {
		if v == 0 {
			continue
		}
		base := (p.sparse + d) * k
		for c := range k {
			out[c] += v * w[base+c]
		}
	}
}

func softmax(s []float64) {
	top := s[0]
	for _, v := range s {
		top = max(top, v)
	}
	sum := 0.0
	for i, v := range s {
		s[i] = math.Exp(v - top)
		sum += s[i]
	}
	for i := range s {
		s[i] /= sum
	}
}

// loss gives the penalised negative log likelihood, per unit of weight, and its gradient.
func (p *problem) loss(w, grad []float64) float64 {
	k := p.classes
	clear(grad)
	total, mass := 0.0, 0.0
	s := make([]float64, k)
	for i := range p.rows {
		r := &p.rows[i]
		p.scores(w, r, s)
		softmax(s)
		total -= r.weight * math.Log(max(s[r.label], 1e-12))
		mass += r.weight
		s[r.label]--
		for c := range s {
			s[c] *= r.weight
		}
		for j, f := range r.at {
			v, base := r.value[j], int(f)*k
			for c := range k {
				grad[base+c] += v * s[c]
			}
		}
		for d, v := range r.dense {
			if v == 0 {
				continue
			}
			base := (p.sparse + d) * k
			for c := range k {
				grad[base+c] += v * s[c]
			}
		}
		base := (p.sparse + p.dense) * k
		for c := range k {
			grad[base+c] += s[c]
		}
	}
	for i := range (p.sparse + p.dense) * k {
		total += p.penalty / 2 * w[i] * w[i]
		grad[i] += p.penalty * w[i]
	}
	for i := range grad {
		grad[i] /= mass
	}
	return total / mass
}

// fit minimises the loss with L-BFGS (Liu and Nocedal 1989) and a backtracking line search.
func (p *problem) fit(rounds int) []float64 {
	const memory = 10
	n := p.size()
	w, grad := make([]float64, n), make([]float64, n)
	next, nextGrad := make([]float64, n), make([]float64, n)
	direction := make([]float64, n)
	var steps, changes [][]float64
	var rho []float64
	loss := p.loss(w, grad)
	for round := range rounds {
		for i := range direction {
			direction[i] = -grad[i]
		}
		alpha := make([]float64, len(steps))
		for j := len(steps) - 1; j >= 0; j-- {
			alpha[j] = rho[j] * dot(steps[j], direction)
			axpy(-alpha[j], changes[j], direction)
		}
		if j := len(steps) - 1; j >= 0 {
			scale := 1 / (rho[j] * dot(changes[j], changes[j]))
			for i := range direction {
				direction[i] *= scale
			}
		}
		for j := range steps {
			beta := rho[j] * dot(changes[j], direction)
			axpy(alpha[j]-beta, steps[j], direction)
		}
		slope := dot(grad, direction)
		step := 1.0
		if round == 0 {
			step = 1 / math.Sqrt(dot(grad, grad)+1e-12)
		}
		found := false
		var to float64
		for range 20 {
			for i := range w {
				next[i] = w[i] + step*direction[i]
			}
			to = p.loss(next, nextGrad)
			if to <= loss+1e-4*step*slope {
				found = true
				break
			}
			step /= 2
		}
		if !found {
			break
		}
		s, y := make([]float64, n), make([]float64, n)
		for i := range w {
			s[i], y[i] = next[i]-w[i], nextGrad[i]-grad[i]
		}
		w, next = next, w
		grad, nextGrad = nextGrad, grad
		if sy := dot(s, y); sy > 1e-12 {
			steps, changes, rho = append(steps, s), append(changes, y), append(rho, 1/sy)
			if len(steps) > memory {
				steps, changes, rho = steps[1:], changes[1:], rho[1:]
			}
		}
		if loss-to < 1e-6*math.Abs(loss) {
			break
		}
		loss = to
	}
	return w
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func axpy(scale float64, x, into []float64) {
	for i, v := range x {
		into[i] += scale * v
	}
}
