package feedback

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// DecisionKind says what a person decided.
type DecisionKind string

// The kinds. What each needs of a Decision stands beside it.
const (
	DecideRename      DecisionKind = "rename"       // Cluster, Name
	DecideRenameTheme DecisionKind = "rename_theme" // Theme, Name
	DecidePin         DecisionKind = "pin"          // Excerpts, which stay where they stand
	DecideMove        DecisionKind = "move"         // Excerpts, Cluster: they go there and stay
	DecideApart       DecisionKind = "apart"        // Cluster and Other, or two Excerpts
	DecideMerge       DecisionKind = "merge"        // Cluster, which stands on, and Other, which ends in it
	DecideSplit       DecisionKind = "split"        // Cluster, Excerpts, Name; Other is the new one
	DecideHide        DecisionKind = "hide"         // Cluster
	DecideUnhide      DecisionKind = "unhide"       // Cluster
	DecideConfirm     DecisionKind = "confirm"      // Cluster
	DecideConfirmLink DecisionKind = "confirm_link" // Cluster, Feature
	DecideRejectLink  DecisionKind = "reject_link"  // Cluster, Feature
	DecideUndo        DecisionKind = "undo"         // Undoes
)

// The bounds of a decision.
const (
	MostActorRunes    = 80
	MostNoteRunes     = 500
	MostNameRunes     = 120
	MostNamedExcerpts = 10_000 // that one decision names
)

// Decision is one row of the log of what people decided. It holds in every run until it is undone.
type Decision struct {
	ID       int // from 1, in the order in which they were made
	Kind     DecisionKind
	Actor    string // who
	Note     string // why; may be empty
	At       time.Time
	Run      int // the run that stood; 0 before the first
	Cluster  ClusterID
	Other    ClusterID
	Theme    ThemeID
	Feature  string
	Name     string
	Was      string // the name, or the state of the link, that it replaced
	Excerpts []ID   // that it names; in the log at most the first ten
	Undoes   int

	// Of a split, for the new cluster's row alone.
	Summary  string
	Keywords []string

	// What the log says beside it.
	UndoneBy int       // the undo; 0 while it stands
	Named    int       // excerpts that it names or moved
	Gone     int       // those of them that are no longer there: the decision has no object for them
	Now      ClusterID // what Cluster is today, by lineage; 0 where it ended in nothing
}

// Check holds a decision against its bounds, and makes one line of what is one. Whether it fits what stands is for the
// store to say. Its errors are Invalid.
func (d *Decision) Check() error {
	for _, field := range []struct {
		name string
		text *string
		most int
	}{{"the name of who decides", &d.Actor, MostActorRunes}, {"the note", &d.Note, MostNoteRunes}, {"the name", &d.Name, MostNameRunes}} {
		if !utf8.ValidString(*field.text) {
			return Errorf(Invalid, "%s is not valid UTF-8", field.name)
		}
		*field.text = strings.Join(strings.FieldsFunc(*field.text, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
		}), " ")
		if n := utf8.RuneCountInString(*field.text); n > field.most {
			return Errorf(Invalid, "%s has %d characters", field.name, n).WithHint("use at most %d", field.most)
		}
	}
	if d.Actor == "" {
		return Errorf(Invalid, "a decision needs the name of who makes it")
	}
	if len(d.Excerpts) > MostNamedExcerpts {
		return Errorf(TooLarge, "a decision names at most %d excerpts, not %d", MostNamedExcerpts, len(d.Excerpts))
	}
	need := func(what string, ok bool) error {
		if ok {
			return nil
		}
		return Errorf(Invalid, "%s needs %s", d.Kind, what)
	}
	switch d.Kind {
	case DecideRename:
		return need("a cluster and a name", d.Cluster > 0 && d.Name != "")
	case DecideRenameTheme:
		return need("a theme and a name", d.Theme > 0 && d.Name != "")
	case DecidePin:
		return need("excerpts", len(d.Excerpts) > 0)
	case DecideMove:
		return need("excerpts and a cluster", d.Cluster > 0 && len(d.Excerpts) > 0)
	case DecideApart:
		two := d.Cluster > 0 && d.Other > 0 && d.Cluster != d.Other && len(d.Excerpts) == 0
		return need("two clusters or two excerpts", two ||
			d.Cluster == 0 && d.Other == 0 && len(d.Excerpts) == 2 && d.Excerpts[0] != d.Excerpts[1])
	case DecideMerge:
		return need("two clusters", d.Cluster > 0 && d.Other > 0 && d.Cluster != d.Other)
	case DecideSplit:
		return need("a cluster, some of its excerpts and a name", d.Cluster > 0 && len(d.Excerpts) > 0 && d.Name != "")
	case DecideHide, DecideUnhide, DecideConfirm:
		return need("a cluster", d.Cluster > 0)
	case DecideConfirmLink, DecideRejectLink:
		return need("a cluster and a feature", d.Cluster > 0 && d.Feature != "")
	case DecideUndo:
		return need("the number of a decision", d.Undoes > 0)
	}
	return Errorf(Invalid, "there is no decision of kind %q", clip(string(d.Kind), 40))
}

// String says in one line what was decided, for instance "merge of C4 into C2".
func (d Decision) String() string {
	excerpts := fmt.Sprintf("%d excerpts", max(d.Named, len(d.Excerpts)))
	if max(d.Named, len(d.Excerpts)) == 1 {
		excerpts = "1 excerpt"
	}
	switch d.Kind {
	case DecideRename:
		return fmt.Sprintf("rename of %s to %q", d.Cluster, d.Name)
	case DecideRenameTheme:
		return fmt.Sprintf("rename of %s to %q", d.Theme, d.Name)
	case DecidePin:
		return "pin of " + excerpts
	case DecideMove:
		return fmt.Sprintf("move of %s to %s", excerpts, d.Cluster)
	case DecideApart:
		if d.Cluster == 0 {
			return "two excerpts kept apart"
		}
		return fmt.Sprintf("%s and %s kept apart", d.Cluster, d.Other)
	case DecideMerge:
		return fmt.Sprintf("merge of %s into %s", d.Other, d.Cluster)
	case DecideSplit:
		return fmt.Sprintf("split of %s off %s", d.Other, d.Cluster)
	case DecideConfirmLink:
		return fmt.Sprintf("confirmed link of %s to %s", d.Cluster, d.Feature)
	case DecideRejectLink:
		return fmt.Sprintf("rejected link of %s to %s", d.Cluster, d.Feature)
	case DecideUndo:
		return fmt.Sprintf("undo of %d", d.Undoes)
	}
	return fmt.Sprintf("%s of %s", d.Kind, d.Cluster)
}

// Part is a piece of a cluster that could be one of its own.
type Part struct {
	Name     string
	Summary  string
	Keywords []string
	Excerpts []ID // rising
}

// Constraints are the standing decisions in the form in which a run honours them: in terms of the clusters that stand.
type Constraints struct {
	Last     int // the latest decision of all; 0 where there is none
	Pins     map[ID]ClusterID
	Together []Together
	Apart    [][2]ClusterID
	Pairs    [][2]ID // excerpts kept apart
	Kept     map[ClusterID]Decision
}

// Together says that these excerpts, where they stand in the cluster, and the cluster's others are not to be parted.
type Together struct {
	Cluster  ClusterID
	Excerpts []ID
}

// Unmet says which decision a run could not honour, and why.
type Unmet struct {
	Decision int    `json:"decision"`
	Reason   string `json:"reason"`
}
