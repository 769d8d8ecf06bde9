package feedback

import (
	"maps"
	"slices"
)

// Ledger is what stands of the decisions, with the lineage by which they follow their objects. Its methods are pure.
type Ledger struct {
	Decisions []Decision              // those that stand, by id
	Successor map[ClusterID]ClusterID // of every retired cluster; 0 for one that ended in nothing
	Splits    []Parting               // of runs; those that people made are among the decisions
	Standing  func(id ClusterID) bool // whether a cluster exists and is not retired
}

// Parting is a split that a run made.
type Parting struct {
	Run      int
	From, To ClusterID
}

// Today gives what a cluster is now: itself while it stands, or what the way of its successors leads to; 0 for nothing.
func (l *Ledger) Today(id ClusterID) ClusterID {
	for range len(l.Successor) + 1 {
		next, retired := l.Successor[id]
		if !retired {
			break
		}
		id = next
	}
	if id == 0 || !l.Standing(id) {
		return 0
	}
	return id
}

// heirs gives every cluster that came from id after decision d: by a split, and by the splits of what came.
func (l *Ledger) heirs(d Decision, id ClusterID) []ClusterID {
	out := []ClusterID{id}
	for i := 0; i < len(out); i++ {
		add := func(from, to ClusterID) {
			if from == out[i] && !slices.Contains(out, to) {
				out = append(out, to)
			}
		}
		if next := l.Successor[out[i]]; next != 0 {
			add(out[i], next)
		}
		for _, s := range l.Splits {
			if s.Run > d.Run {
				add(s.From, s.To)
			}
		}
		for _, s := range l.Decisions {
			if s.Kind == DecideSplit && s.ID > d.ID {
				add(s.Cluster, s.Other)
			}
		}
	}
	return out
}

// Names gives the names that people gave, by cluster. A name follows its cluster into the one of which a run made it a
// part, unless that has one of its own; who merges two clusters chooses the name with the one that stands on.
func (l *Ledger) Names() map[ClusterID]string {
	runs := *l
	runs.Successor = maps.Clone(l.Successor)
	for _, d := range l.Decisions {
		if d.Kind == DecideMerge {
			runs.Successor[d.Other] = 0
		}
	}
	out, own := make(map[ClusterID]string), make(map[ClusterID]bool)
	for _, d := range l.Decisions {
		if d.Kind != DecideRename {
			continue
		}
		now := runs.Today(d.Cluster)
		if direct := now == d.Cluster; now != 0 && (direct || !own[now]) {
			out[now] = d.Name
			own[now] = direct
		}
	}
	return out
}

// ThemeNames gives the names that people gave, by theme.
func (l *Ledger) ThemeNames() map[ThemeID]string {
	out := make(map[ThemeID]string)
	for _, d := range l.Decisions {
		if d.Kind == DecideRenameTheme {
			out[d.Theme] = d.Name
		}
	}
	return out
}

// Hidden gives the clusters that are hidden, each with the decision: those that a person hid, and what a run split off
// them. A hidden cluster that became part of a shown one hides nothing.
func (l *Ledger) Hidden() map[ClusterID]Decision {
	out := make(map[ClusterID]Decision)
	for _, d := range l.Decisions {
		if d.Kind != DecideHide && d.Kind != DecideUnhide {
			continue
		}
		for _, id := range l.parts(d, d.Cluster) {
			if d.Kind == DecideHide {
				out[id] = d
			} else {
				delete(out, id)
			}
		}
	}
	return out
}

// parts gives what is left of a cluster, without what it became part of: itself and what was split off it.
func (l *Ledger) parts(d Decision, id ClusterID) []ClusterID {
	without := *l
	without.Successor = nil
	return slices.DeleteFunc(without.heirs(d, id), func(c ClusterID) bool { return !l.Standing(c) })
}

// Confirmed gives the clusters that are confirmed, each with the decision.
func (l *Ledger) Confirmed() map[ClusterID]Decision {
	out := make(map[ClusterID]Decision)
	for _, d := range l.Decisions {
		if d.Kind != DecideConfirm {
			continue
		}
		if now := l.Today(d.Cluster); now != 0 {
			out[now] = d
		}
	}
	return out
}

// Kept gives the clusters that a run continues while they have excerpts, each with the decision: what a person confirmed,
// named, hid or split off.
func (l *Ledger) Kept() map[ClusterID]Decision {
	out := l.Hidden()
	for _, d := range l.Decisions {
		if d.Kind == DecideRename && l.Standing(d.Cluster) {
			out[d.Cluster] = d
		}
		if d.Kind == DecideSplit && l.Standing(d.Other) {
			out[d.Other] = d
		}
	}
	for id, d := range l.Confirmed() {
		out[id] = d
	}
	return out
}

// LinkKey names a link.
type LinkKey struct {
	Cluster ClusterID
	Feature string
}

// Links gives the links that a person confirmed or rejected, each with the decision. They follow their cluster into the
// one that it became part of, unless somebody decided about that one.
func (l *Ledger) Links() map[LinkKey]Decision {
	out := make(map[LinkKey]Decision)
	for _, d := range l.Decisions {
		if d.Kind != DecideConfirmLink && d.Kind != DecideRejectLink {
			continue
		}
		key := LinkKey{l.Today(d.Cluster), d.Feature}
		if key.Cluster == 0 {
			continue
		}
		if have, ok := out[key]; ok && have.Cluster == key.Cluster && d.Cluster != key.Cluster {
			continue
		}
		out[key] = d
	}
	return out
}

// Apart gives the pairs of standing clusters that must not become one, the smaller id first, each with the decision. Both
// sides follow splits and successors.
func (l *Ledger) Apart() map[[2]ClusterID]Decision {
	out := make(map[[2]ClusterID]Decision)
	for _, d := range l.Decisions {
		if d.Kind != DecideApart && d.Kind != DecideSplit || d.Cluster == 0 {
			continue
		}
		for _, a := range l.heirs(d, d.Cluster) {
			for _, b := range l.heirs(d, d.Other) {
				if a != b && l.Standing(a) && l.Standing(b) {
					pair := [2]ClusterID{min(a, b), max(a, b)}
					// One that was said outright wins over one that follows from a split.
					if have, ok := out[pair]; !ok || have.Kind == DecideSplit {
						out[pair] = d
					}
				}
			}
		}
	}
	return out
}
