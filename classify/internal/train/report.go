package main

import (
	"fmt"
	"math"
	"strings"
)

// report writes what leaving out writers found, in Markdown.
func (t *trials) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The labels, with whole writers left out\n\nWritten by internal/train; do not edit it. ")
	fmt.Fprintf(&b, "Each line is judged by heads that saw no text of its writer.\n\n")
	fmt.Fprintf(&b, "| writer | texts | sentiment, macro-F1 | kind, macro-F1 | severity, macro-F1 |\n|---|---:|---:|---:|---:|\n")
	var pooled []trial
	for _, w := range t.writers {
		fmt.Fprintf(&b, "| %s | %d |", w, len(t.of[w]))
		for task := range tasks {
			fmt.Fprintf(&b, " %.3f |", macroF1(t.of[w], task))
		}
		fmt.Fprintln(&b)
		if w != workWriter {
			pooled = append(pooled, t.of[w]...)
		}
	}
	fmt.Fprintf(&b, "| **all but %s, pooled** | %d |", workWriter, len(pooled))
	for task := range tasks {
		fmt.Fprintf(&b, " **%.3f** |", macroF1(pooled, task))
	}
	heat := t.calibrate()
	fmt.Fprintf(&b, "\n\nThe lexicon was made with %s in sight, so its line flatters.\n", workWriter)
	fmt.Fprintf(&b, "Scores are divided by %.2f, %.2f and %.2f.\n", heat[0], heat[1], heat[2])
	fmt.Fprintf(&b, "\n## By class, all writers but %s pooled\n\n| task | class | texts | F1 |\n|---|---|---:|---:|\n", workWriter)
	for task, name := range tasks {
		f1, _ := f1s(pooled, task)
		for k, class := range classes[task] {
			count := 0
			for _, one := range pooled {
				if one.e.labels[task] == k {
					count++
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %.3f |\n", name, class, count, f1[k])
		}
	}
	fmt.Fprintf(&b, "\n## By language\n\n| language | texts | sentiment | kind | severity |\n|---|---:|---:|---:|---:|\n")
	for _, tag := range []string{"en", "de", "es", "fr"} {
		var list []trial
		for _, one := range pooled {
			if one.e.cues.Rules == tag {
				list = append(list, one)
			}
		}
		fmt.Fprintf(&b, "| %s | %d |", tag, len(list))
		for task := range tasks {
			fmt.Fprintf(&b, " %.3f |", macroF1(list, task))
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintf(&b, "\n## Calibration\n\nOf the texts whose label has a chance in a range, the share whose label is right, in percent.\n\n| chance |")
	for _, name := range tasks {
		fmt.Fprintf(&b, " %s |", name)
	}
	fmt.Fprintf(&b, "\n|---|---:|---:|---:|\n")
	for low := 0.3; low < 0.95; low += 0.1 {
		fmt.Fprintf(&b, "| %.1f to %.1f |", low, low+0.1)
		for task := range tasks {
			right, count := 0, 0
			for _, one := range pooled {
				p := chances(one.scores[task], heat[task])
				top := 0
				for k := range p {
					if p[k] > p[top] {
						top = k
					}
				}
				if p[top] < low || p[top] >= low+0.1 {
					continue
				}
				count++
				if top == one.e.labels[task] {
					right++
				}
			}
			fmt.Fprintf(&b, " %.0f of %d |", 100*float64(right)/math.Max(1, float64(count)), count)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
