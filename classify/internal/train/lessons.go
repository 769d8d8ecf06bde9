package main

import (
	"math"

	"earshot/classify"
)

// lessonWriter is the writer of the lessons. They are trained on and never tested on.
const lessonWriter = "lexicon"

// leastFelt is the balance of feeling from which on a word is worth a lesson.
const leastFelt = 0.4

// lessons gives short plain texts around the single words that the lexicon feels clearly. People who write texts to train on
// are fond of irony and of what is left unsaid, so that "great" alone would come to stand for trouble; most people who say
// that the app is great mean it.
func lessons(m *meanings) ([]text, error) {
	cues, err := classify.ReadCues(m.words)
	if err != nil {
		return nil, err
	}
	var list []text
	for i, c := range cues {
		good, bad, bug := c.Evidence[0], c.Evidence[2], c.Evidence[classify.EvidenceOfBug]
		felt := good - bad
		if math.Abs(felt) < leastFelt {
			continue
		}
		labels := [len(tasks)]int{2, 3, 0} // positive, praise, 0
		switch {
		case felt < 0 && bug > 0.5:
			labels = [len(tasks)]int{0, 0, 2} // negative, bug, 2
		case felt < 0:
			labels = [len(tasks)]int{0, 2, 1} // negative, complaint, 1
		}
		for _, frame := range []string{"", "it is ", "the app is "} {
			list = append(list, text{words: frame + m.words[i], labels: labels, writer: lessonWriter})
		}
	}
	return list, nil
}
