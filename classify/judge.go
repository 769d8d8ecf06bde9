package classify

import (
	_ "embed"
	"fmt"
	"math"

	"earshot/classify/internal/head"
	"earshot/feedback"
)

// modelBytes is the trained head, which internal/train wrote.
//
//go:embed head.bin
var modelBytes []byte

// readModel reads a head and checks that it weighs the evidence that this package finds.
func readModel(raw []byte) (*head.Model, error) {
	m, err := head.Decode(raw)
	if err != nil {
		return nil, err
	}
	if len(m.Evidence) != len(evidenceNames) {
		return nil, fmt.Errorf("the model of the labels weighs %d pieces of evidence, not %d: make it anew (docs/labels.md)", len(m.Evidence), len(evidenceNames))
	}
	return m, nil
}

// bandEdge is the neutral band's edge in ten-thousandths.
const bandEdge = feedback.Positive * 10000

// clearEvidence is the feeling of phrases from which on they overrule a rating.
const clearEvidence = 1.6

// Scores of a text that the head does not judge, and what a rating counts, in natural logarithms of the odds.
const (
	plainly    = 2.0 // that a text says nothing, before its emoji and its rating are known
	pictured   = 2.0 // one unit of the feeling of emoji
	rated      = 4.5 // a best or worst rating, for the sentiment, where no phrase is felt
	ratedKind  = 1.5
	ratedFault = 0.5 // what a bad rating speaks for a bug
)

// mute says whether the head cannot judge the text: it has no words, or they are of a language that no rules know.
func (r *reading) mute() bool { return len(r.tokens) == 0 || r.code == unknown }

// judge gives the text its scores and labels.
func (r *reading) judge(m *head.Model) {
	if r.mute() {
		r.scores = head.Scores{}
		r.lift(head.Sentiment+1, plainly)
		r.lift(head.Kind+kindOther, plainly)
		r.lift(head.Severity, plainly)
		felt := r.positive - r.negative
		r.lift(head.Sentiment+2, pictured*felt)
		r.lift(head.Sentiment, -pictured*felt)
		r.lift(head.Kind+kindPraise, pictured*felt)
		r.lift(head.Kind+kindComplaint, -pictured*felt)
	} else {
		r.gather(m)
		var sum head.Sum
		for _, f := range r.features {
			m.Add(&sum, f.id, f.weight)
		}
		for k := range sum {
			sum[k] /= evenly
		}
		r.scores = m.Scores(&sum, r.evidence, len(r.tokens))
	}
	if silence := 1 - (r.positive+r.negative)/clearEvidence; r.prior != 0 && silence > 0 {
		r.lift(head.Sentiment+2, rated*silence*r.prior)
		r.lift(head.Sentiment, -rated*silence*r.prior)
		r.lift(head.Kind+kindPraise, ratedKind*silence*r.prior)
		r.lift(head.Kind+kindComplaint, -ratedKind*silence*r.prior)
		r.lift(head.Kind+kindBug, -ratedFault*silence*r.prior)
	}
	r.chances[taskSentiment] = head.Chances(r.scores[head.Sentiment:head.Kind])
	r.chances[taskKind] = head.Chances(r.scores[head.Kind:head.Severity])
	r.chances[taskSeverity] = head.Chances(r.scores[head.Severity:])
	r.mood = head.Label(r.scores[head.Sentiment:head.Kind])
	r.labels.Sentiment = float64(head.Mood(r.mood, r.chances[taskSentiment][0], r.chances[taskSentiment][2], bandEdge)) / 10000
	r.labels.Kind = feedback.Kinds[head.Label(r.scores[head.Kind:head.Severity])]
	r.labels.Severity = head.Label(r.scores[head.Severity:])
	r.labels.Urgent, r.labels.ChurnRisk = r.urgent, r.churn
}

// The tasks, in the order of the head's outputs.
const (
	taskSentiment = iota
	taskKind
	taskSeverity
	taskCount
)

// lift raises a score by a natural logarithm of the odds.
func (r *reading) lift(output int, by float64) {
	r.scores[output] += int64(math.Round(by * head.One))
}
