package head

import "math"

// powers holds e to the minus i/256, in parts of 2^30. Rounding makes it the same whatever the last bit of math.Exp is.
var powers = func() (t [16 * 256]int64) {
	for i := range t {
		t[i] = int64(math.Round(math.Exp(-float64(i)/256) * (1 << 30)))
	}
	return t
}()

// Chances turns the scores of the classes of one task into probabilities, in parts of One, that add up to One or a little
// less. There are at most six classes.
func Chances(scores []int64) [6]int32 {
	top := scores[0]
	for _, v := range scores {
		top = max(top, v)
	}
	var share [6]int64
	total := int64(0)
	for i, v := range scores {
		if at := (top - v) / (One / 256); at < int64(len(powers)) {
			share[i] = powers[at]
		}
		total += share[i]
	}
	var out [6]int32
	for i := range scores {
		out[i] = int32(share[i] * One / total)
	}
	return out
}

// Mood turns the label and the chances of the sentiment into one number from -1 to 1, in ten-thousandths. It is the
// difference of the chances of good and bad, moved so that a neutral label lies within -edge and edge and another outside.
func Mood(label int, negative, positive int32, edge int64) int64 {
	const whole = 10000
	d := (int64(positive) - int64(negative)) * whole / One
	switch label {
	case 0:
		return -edge - 1 - max(0, (whole-edge-1)*-d/whole)
	case 2:
		return edge + 1 + max(0, (whole-edge-1)*d/whole)
	}
	return max(-edge, min(edge, 2*edge*d/whole))
}
