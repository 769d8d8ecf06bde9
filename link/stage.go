package link

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"earshot/feedback"
)

// Config is what a Stage needs. Store and Embedder are required. The thresholds' defaults were set on two products of
// different kinds, one whose features have descriptions and one whose have names alone; [Stage.Link] says what
// they mean.
type Config struct {
	Store    Store
	Embedder Embedder

	Suggest   float64 // the least score of any link, 0 to 1; 0.3 where it is 0
	Automatic float64 // the least score of an automatic link, 0 to 1; 0.6 where it is 0
	Lead      float64 // how many times the odds of the runner-up an automatic link's must be, at least 1; 4 where it is 0
}

// Stage links clusters to features. It is safe for concurrent use when its store and embedder are.
type Stage struct {
	cfg Config
}

// New makes a Stage. It returns an Invalid error when the Config lacks something or its thresholds contradict each other.
func New(cfg Config) (*Stage, error) {
	cfg.Suggest = cmp.Or(cfg.Suggest, 0.3)
	cfg.Automatic = cmp.Or(cfg.Automatic, 0.6)
	cfg.Lead = cmp.Or(cfg.Lead, 4)
	switch {
	case cfg.Store == nil || cfg.Embedder == nil:
		return nil, feedback.Errorf(feedback.Invalid, "link: a store and an embedder are needed")
	case !(0 < cfg.Suggest && cfg.Suggest <= cfg.Automatic && cfg.Automatic < 1):
		return nil, feedback.Errorf(feedback.Invalid, "link: the thresholds %g (suggested) and %g (automatic) do not rise between 0 and 1",
			cfg.Suggest, cfg.Automatic)
	case !(cfg.Lead >= 1):
		return nil, feedback.Errorf(feedback.Invalid, "link: the lead %g is less than 1", cfg.Lead)
	}
	return &Stage{cfg: cfg}, nil
}

// Summary counts what became of the clusters. Every cluster is in one of Automatic, Suggested, Confirmed and Abstained.
type Summary struct {
	Clusters  int
	Features  int // candidates: nodes of kind feature
	Automatic int
	Suggested int
	Confirmed int // left alone: a person decided
	Abstained int // no feature fits
}

// Link proposes a feature for every cluster of the workspace that no person has linked, and saves the proposals in place
// of the earlier ones. Candidates are the nodes of kind feature: "the app" fits everything and says nothing.
//
// A score of s means odds of s/(1-s) that a person would agree. A link needs a score of Config.Suggest; it is automatic
// when its score reaches Config.Automatic and its odds are Config.Lead times those of the runner-up, for of two features
// that are nearly alike the choice is a person's. Errors are the store's and the embedder's own.
func (s *Stage) Link(ctx context.Context, workspace string) (Summary, error) {
	var sum Summary
	clusters, err := s.cfg.Store.LinkableClusters(ctx, workspace, s.cfg.Embedder.Model())
	if err != nil {
		return sum, fmt.Errorf("load clusters to link: %w", err)
	}
	features, err := s.cfg.Store.Features(ctx, workspace)
	if err != nil {
		return sum, fmt.Errorf("load features: %w", err)
	}
	decided, err := s.cfg.Store.Links(ctx, workspace)
	if err != nil {
		return sum, fmt.Errorf("load links: %w", err)
	}
	features = candidates(features)
	scores, err := s.score(ctx, clusters, features)
	if err != nil {
		return sum, err
	}

	sum.Clusters, sum.Features = len(clusters), len(features)
	var links []feedback.Link
	for i, c := range clusters {
		said := decided[c.ID]
		if slices.ContainsFunc(said, isConfirmed) {
			sum.Confirmed++
			continue
		}
		link, fits := s.decide(c.ID, features, scores.of(i), rejected(said))
		switch {
		case !fits:
			sum.Abstained++
			continue
		case link.State == feedback.LinkAutomatic:
			sum.Automatic++
		default:
			sum.Suggested++
		}
		links = append(links, link)
	}
	if err := s.cfg.Store.SaveLinks(ctx, workspace, links); err != nil {
		return Summary{}, fmt.Errorf("save links: %w", err)
	}
	return sum, nil
}

// candidates gives the nodes that may be linked, by id, so that the order in which they are read decides nothing.
func candidates(features []feedback.Feature) []feedback.Feature {
	var out []feedback.Feature
	for _, f := range features {
		if f.Kind == "feature" {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b feedback.Feature) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func isConfirmed(l feedback.Link) bool { return l.State == feedback.LinkConfirmed }

func rejected(links []feedback.Link) map[string]bool {
	out := make(map[string]bool)
	for _, l := range links {
		if l.State == feedback.LinkRejected {
			out[l.Feature] = true
		}
	}
	return out
}

// decide takes the best of the features that were not rejected, and says whether it is good enough for a link.
func (s *Stage) decide(cluster feedback.ClusterID, features []feedback.Feature, row row, rejected map[string]bool) (feedback.Link, bool) {
	best, next := -1, -1
	for j, f := range features {
		switch {
		case rejected[f.ID]:
		case best < 0 || row.fit[j] > row.fit[best]:
			best, next = j, best
		case next < 0 || row.fit[j] > row.fit[next]:
			next = j
		}
	}
	if best < 0 || probability(row.fit[best]) < s.cfg.Suggest {
		return feedback.Link{}, false
	}
	link := feedback.Link{
		Cluster:  cluster,
		Feature:  features[best].ID,
		State:    feedback.LinkSuggested,
		Score:    probability(row.fit[best]),
		Evidence: row.evidence(best),
	}
	clear := true
	if next >= 0 {
		link.RunnerUp, link.RunnerUpScore = features[next].ID, probability(row.fit[next])
		clear = odds(link.Score) >= s.cfg.Lead*odds(link.RunnerUpScore)
	}
	if clear && link.Score >= s.cfg.Automatic {
		link.State = feedback.LinkAutomatic
	}
	return link, true
}

func odds(p float64) float64 { return p / (1 - p) }
