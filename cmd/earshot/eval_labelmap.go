package main

import (
	"fmt"
	"slices"
	"strings"
)

// labelMap says what a file's labels and Earshot's own are compared as.
type labelMap struct {
	classes []string          // Earshot's own
	foreign map[string]string // the file's label, in lower case, to one of classes
	folded  map[string]string // one of classes to the one under whose name it is compared
}

// readLabelMap reads pairs such as gold=ours or gold=ours|ours. Its errors are those of a command line.
func readLabelMap(pairs, classes []string) (*labelMap, error) {
	m := &labelMap{classes: classes, foreign: map[string]string{}, folded: map[string]string{}}
	for _, pair := range pairs {
		at := strings.LastIndex(pair, "=")
		if at < 1 || strings.TrimSpace(pair[:at]) == "" {
			return nil, fmt.Errorf("%w: --map has %q, and takes gold=ours", errUsage, clip(pair, 60))
		}
		gold := strings.ToLower(strings.TrimSpace(pair[:at]))
		if _, twice := m.foreign[gold]; twice {
			return nil, fmt.Errorf("%w: --map says twice what %q stands for", errUsage, clip(gold, 40))
		}
		first := ""
		for name := range strings.SplitSeq(pair[at+1:], "|") {
			name = strings.ToLower(strings.TrimSpace(name))
			if !slices.Contains(classes, name) {
				return nil, fmt.Errorf("%w: --map: %q is none of %s", errUsage, clip(name, 40), m.list())
			}
			if first == "" {
				first = name
			}
			if other, taken := m.folded[name]; taken && other != first {
				return nil, fmt.Errorf("%w: --map: %q cannot be compared as %s and as %s", errUsage, name, other, first)
			}
			m.folded[name] = first
		}
		m.foreign[gold] = first
	}
	return m, nil
}

// gold gives the class that a label of the file is compared as: what the map says or else the class of that name, in any
// case.
func (m *labelMap) gold(label string) (string, bool) {
	label = strings.ToLower(label)
	if class, ok := m.foreign[label]; ok {
		return class, true
	}
	return m.ours(label), slices.Contains(m.classes, label)
}

// ours gives the class that one of Earshot's own labels is compared as.
func (m *labelMap) ours(label string) string {
	if class, ok := m.folded[label]; ok {
		return class
	}
	return label
}

func (m *labelMap) list() string { return strings.Join(m.classes, ", ") }
