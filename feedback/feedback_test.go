package feedback_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

func TestIdsAreFunctionsOfWhatTheyName(t *testing.T) {
	a := feedback.ItemID("acme", "zendesk", "1")
	if a != feedback.ItemID("acme", "zendesk", "1") {
		t.Error("the same item has two ids")
	}
	for _, other := range []feedback.ID{
		feedback.ItemID("acme", "zendesk", "2"), feedback.ItemID("other", "zendesk", "1"),
		feedback.ItemID("acme", "zendes", "k1"), feedback.ItemID("acmez", "endesk", "1"),
		feedback.DeadLetterID("acme", "zendesk", []byte("1")),
	} {
		if other == a {
			t.Errorf("%s names two things", a)
		}
	}
	if feedback.ExcerptID(a, "same words", 0) == feedback.ExcerptID(a, "same words", 1) {
		t.Error("the second time that an item says something is the first")
	}
}

func TestAnIDReadsBackAsItWasWritten(t *testing.T) {
	id := feedback.ItemID("acme", "zendesk", "1")
	if back, err := feedback.ParseID(id.String()); err != nil || back != id {
		t.Fatal(back, err)
	}
	if v := id.String()[14]; v != '8' {
		t.Errorf("version %c, want 8", v)
	}
	for _, bad := range []string{"", "x", strings.Repeat("0", 36), id.String()[1:] + "g", strings.ToUpper(id.String()) + "0"} {
		if _, err := feedback.ParseID(bad); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestClusterNumbersAreReadWithAndWithoutTheirLetter(t *testing.T) {
	for in, want := range map[string]feedback.ClusterID{"C12": 12, "c7": 7, "3": 3} {
		if got, err := feedback.ParseClusterID(in); err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "C", "C0", "-1", "C1x", "9999999999", "CC1"} {
		if _, err := feedback.ParseClusterID(bad); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNamesThatAreTokensOfSubjectsAreChecked(t *testing.T) {
	for name, fine := range map[string]bool{
		"acme": true, "a-1": true, "": false, "-a": false, "A": false, "a.b": false, "a>": false, "a b": false,
		strings.Repeat("a", 63): true, strings.Repeat("a", 64): false,
	} {
		if err := feedback.CheckWorkspace(name); (err == nil) != fine {
			t.Errorf("workspace %q: %v", name, err)
		}
		if err := feedback.CheckSource(name); (err == nil) != fine {
			t.Errorf("source %q: %v", name, err)
		}
	}
	if feedback.CheckSource("app_store") != nil || feedback.CheckWorkspace("app_store") == nil {
		t.Error("a source may have an underscore, a workspace may not")
	}
}

func TestTheCodeOfAnErrorIsTheOutermostInItsChain(t *testing.T) {
	inner := feedback.Errorf(feedback.Unavailable, "the disk is full").WithHint("free some space")
	for _, c := range []struct {
		err  error
		want feedback.Code
	}{
		{nil, ""},
		{errors.New("odd"), feedback.Internal},
		{context.DeadlineExceeded, feedback.Unavailable},
		{fmt.Errorf("save: %w", context.Canceled), feedback.Unavailable},
		{fmt.Errorf("save: %w", inner), feedback.Unavailable},
		{feedback.Errorf(feedback.Invalid, "row 3: %w", inner), feedback.Invalid},
	} {
		if got := feedback.ErrorCode(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
	if got := inner.Error(); got != "the disk is full (free some space)" {
		t.Error(got)
	}
}

func TestVectorsAreNormalizedOrZero(t *testing.T) {
	v := feedback.Vector{3, 4, 0, 0, 12}
	if !feedback.Normalize(v) || math.Abs(float64(feedback.Dot(v, v))-1) > 1e-6 {
		t.Error(v)
	}
	for _, bad := range []feedback.Vector{{}, {0, 0}, {float32(math.NaN()), 1}, {float32(math.Inf(1)), 1}} {
		if feedback.Normalize(bad) {
			t.Errorf("%v was normalized", bad)
		}
		for _, x := range bad {
			if x != 0 {
				t.Errorf("%v is not zero", bad)
			}
		}
	}
}

func TestAnExcerptJoinsAClusterOrHasAReasonNotTo(t *testing.T) {
	at := func(cosine float64) feedback.Vector {
		return feedback.Vector{float32(cosine), float32(math.Sqrt(1 - cosine*cosine))}
	}
	v := feedback.Vector{1, 0}
	for _, c := range []struct {
		name     string
		clusters []feedback.Cluster
		vector   feedback.Vector
		joins    feedback.ClusterID
		why      feedback.Outlier
	}{
		{"a clear lead", []feedback.Cluster{{ID: 1, Centroid: at(0.9), Floor: 0.5, Margin: 0.1}, {ID: 2, Centroid: at(0.79)}}, v, 1, ""},
		{"a lead under the margin", []feedback.Cluster{{ID: 1, Centroid: at(0.9), Floor: 0.5, Margin: 0.1}, {ID: 2, Centroid: at(0.81)}}, v, 0, feedback.OutlierBetween},
		{"the margin is the nearest's own", []feedback.Cluster{{ID: 1, Centroid: at(0.9), Floor: 0.5}, {ID: 2, Centroid: at(0.81), Margin: 1}}, v, 1, ""},
		{"under the floor", []feedback.Cluster{{ID: 1, Centroid: at(0.4), Floor: 0.5}}, v, 0, feedback.OutlierFar},
		{"word for word what all members say, at half precision", []feedback.Cluster{{ID: 1, Centroid: at(0.9996), Floor: 1}}, v, 1, ""},
		{"almost what all members say", []feedback.Cluster{{ID: 1, Centroid: at(0.995), Floor: 1}}, v, 0, feedback.OutlierFar},
		{"as far ahead as the members, at half precision", []feedback.Cluster{{ID: 1, Centroid: at(0.9996), Margin: 0.2}, {ID: 2, Centroid: at(0.8)}}, v, 1, ""},
		{"no clusters", nil, v, 0, feedback.OutlierEarly},
		{"retired clusters alone", []feedback.Cluster{{ID: 1, Centroid: at(0.9), Retired: true}}, v, 0, feedback.OutlierEarly},
		{"centroids of another model", []feedback.Cluster{{ID: 1, Centroid: feedback.Vector{1, 0, 0}}}, v, 0, feedback.OutlierEarly},
		{"a text of which nothing is known", []feedback.Cluster{{ID: 1, Centroid: at(0.9)}}, feedback.Vector{0, 0}, 0, feedback.OutlierBlank},
	} {
		id, _, why := feedback.Join(c.clusters, c.vector)
		if id != c.joins || why != c.why {
			t.Errorf("%s: joins %d, %q", c.name, id, why)
		}
	}
}

func TestThePeriodBeforeIsAsLongAndEndsWhereItStarts(t *testing.T) {
	p := feedback.Period{Start: day(2026, 3, 10), End: day(2026, 4, 9)}
	b := p.Before()
	if p.Days() != 30 || b.Days() != 30 || !b.End.Equal(p.Start) || p.Contains(p.End) || !p.Contains(p.Start) {
		t.Error(p, b)
	}
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}
