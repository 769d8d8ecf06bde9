package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/feedback"
)

// facts is the document as JSON pointers see it. Its statistics are always computed from the snapshot, never read from a
// document, so that nothing can be cited that the snapshot does not bear.
type facts struct {
	snapshot   *feedback.Snapshot
	statistics *Statistics
	tree       any
}

func newFacts(s *feedback.Snapshot) (*facts, error) {
	st := Compute(s)
	tree, err := generic(map[string]any{"snapshot": s, "statistics": st})
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "encode the snapshot: %w", err)
	}
	return &facts{snapshot: s, statistics: &st, tree: tree}, nil
}

// at resolves a pointer (RFC 6901) to a number, a truth value or a string.
func (f *facts) at(path string) (any, error) {
	node := f.tree
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("%q is no path", path)
	}
	for step := range strings.SplitSeq(path[1:], "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch v := node.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok {
				return nil, fmt.Errorf("nothing stands at %q", path)
			}
			node = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil, fmt.Errorf("nothing stands at %q", path)
			}
			node = v[i]
		default:
			return nil, fmt.Errorf("nothing stands at %q", path)
		}
	}
	switch v := node.(type) {
	case json.Number:
		return v.Float64()
	case string, bool:
		return v, nil
	}
	return nil, fmt.Errorf("%q is no single fact", path)
}

// cite makes the citation of what stands at path; nothing stands there for a path of our own making only by mistake, and
// then the citation fails to verify.
func (f *facts) cite(path string) Citation {
	v, err := f.at(path)
	if err != nil {
		v = ""
	}
	return Citation{Path: path, Value: v}
}

// number reads a cited value as a number: a truth value as 0 or 1, a time as seconds.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return float64(t.Unix()), true
		}
	}
	return 0, false
}

// entity says which cluster, theme, feature, account or segment the path of a fact is about; "" for none.
func (f *facts) entity(path string) string {
	steps := strings.Split(path, "/")
	if len(steps) < 4 {
		return ""
	}
	if steps[2] == "forming" {
		return f.formingEntity(steps)
	}
	i, err := strconv.Atoi(steps[3])
	if err != nil || i < 0 {
		return ""
	}
	switch {
	case steps[2] == "clusters" && i < len(f.snapshot.Clusters):
		return f.snapshot.Clusters[i].ID.String()
	case steps[2] == "themes" && i < len(f.snapshot.Themes):
		return f.snapshot.Themes[i].ID.String()
	case steps[2] == "shipped" && i < len(f.snapshot.Shipped):
		return featureRef(f.snapshot.Shipped[i].Feature)
	case steps[2] == "accounts" && i < len(f.snapshot.Accounts):
		return accountRef(f.snapshot.Accounts[i].ID)
	case steps[1] == "snapshot" && steps[2] == "segments" && i < len(f.snapshot.Segments):
		return segmentRef(f.snapshot.Segments[i].Name)
	case steps[1] == "statistics" && steps[2] == "segments" && i < len(f.statistics.Segments):
		return f.statistics.Segments[i].Cluster.String()
	}
	return ""
}

// formingEntity says which group of what forms a path is about: /snapshot/forming/groups/0/now or /statistics/forming/0/test/p.
func (f *facts) formingEntity(steps []string) string {
	if steps[1] == "snapshot" {
		if steps[3] != "groups" || len(steps) < 5 {
			return ""
		}
		steps = steps[1:]
	}
	i, err := strconv.Atoi(steps[3])
	if err != nil || f.snapshot.Forming == nil || i < 0 || i >= len(f.snapshot.Forming.Groups) {
		return ""
	}
	return formingRef(f.snapshot.Forming.Groups[i].ID)
}

// name gives the full name of what ref names.
func (f *facts) name(ref string) (string, bool) {
	kind, id, _ := strings.Cut(ref, ":")
	s := f.snapshot
	switch kind {
	case "feature":
		for _, x := range s.Shipped {
			if x.Feature == id {
				return x.Name, true
			}
		}
		for _, c := range s.Clusters {
			if c.Link != nil && c.Link.Feature == id {
				return c.Link.Name, true
			}
		}
	case "account":
		for _, a := range s.Accounts {
			if a.ID == id {
				return accountName(a), true
			}
		}
	case "segment":
		for _, x := range s.Segments {
			if x.Name == id {
				return x.Name, true
			}
		}
	case "forming":
		if i := formingIndex(s, id); i >= 0 {
			return orElse(s.Forming.Groups[i].Name, id), true
		}
	default:
		for _, c := range s.Clusters {
			if c.ID.String() == ref {
				return clusterName(c), true
			}
		}
		for _, t := range s.Themes {
			if t.ID.String() == ref {
				return themeName(t), true
			}
		}
	}
	return "", false
}

// formingIndex finds a group of what forms; -1 where it is not there.
func formingIndex(s *feedback.Snapshot, id string) int {
	if s.Forming == nil {
		return -1
	}
	return slices.IndexFunc(s.Forming.Groups, func(g feedback.FormingGroup) bool { return g.ID == id })
}

func featureRef(id string) string   { return "feature:" + id }
func accountRef(id string) string   { return "account:" + id }
func segmentRef(name string) string { return "segment:" + name }

// The names of what has none are its ids.

func clusterName(c feedback.ClusterFacts) string { return orElse(c.Name, c.ID.String()) }
func themeName(t feedback.ThemeFacts) string     { return orElse(t.Name, t.ID.String()) }
func accountName(a feedback.AccountFacts) string { return orElse(a.Name, a.ID) }

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}
