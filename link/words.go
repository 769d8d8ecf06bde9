package link

import (
	"strings"
	"unicode"
)

// eachWord calls use with every word of the text that carries meaning, lower-case, and with its stem: the word without
// its endings, which is for comparing texts and not for reading.
func eachWord(text string, use func(word, stem string)) {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), notInWord) {
		word = strings.TrimSuffix(strings.Trim(word, "'"), "'s")
		if stopWords[word] || len(word) < 2 {
			continue
		}
		use(word, stem(word))
	}
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' }

// stem takes the commonest English endings off, so that "syncing", "synced" and "syncs" are one word. It is far milder
// than Porter's algorithm: it merges the forms of a word and leaves words of one family ("report", "reporter") apart.
func stem(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		w = w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), len(w) > 4 && hasAnySuffix(w, "xes", "ches", "shes"):
		w = w[:len(w)-2]
	case len(w) > 3 && strings.HasSuffix(w, "s") && !hasAnySuffix(w, "ss", "us", "is"):
		w = w[:len(w)-1]
	}
	for _, ending := range []string{"ing", "ed"} {
		root, found := strings.CutSuffix(w, ending)
		if !found || len(root) < 3 || !strings.ContainsAny(root, "aeiouy") {
			continue
		}
		if n := len(root); root[n-1] == root[n-2] && !strings.ContainsRune("aeiouls", rune(root[n-1])) {
			root = root[:n-1] // "planned" is of "plan", but "called" is of "call"
		}
		w = root
		break
	}
	if len(w) > 3 {
		w = strings.TrimSuffix(w, "e")
	}
	return w
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

// stopWords say nothing about which feature a text is about, in feedback or in the description of a feature.
var stopWords = set(`a about above after again against all also always am an and any are aren't as at be because been before
	being below best between both but by can can't cannot could couldn't did didn't do does doesn't doing don't done down
	during each ever every few for from further get gets getting give given go goes going good got had hadn't has hasn't
	have haven't having he her here hers him his how however i i'd i'll i'm i've if in into is isn't it it's its itself
	just keep kept know let like made make makes many may me might more most much must my myself need needs never new no
	nor not nothing now of off often on once one only onto or other our ours out over own per please put really same say
	says see seem set shall she should shouldn't since so some something still such sure take takes than thank thanks that
	that's the their them then there these they thing things this those though through thus to too under until up upon us
	use used uses using very via want wants was wasn't way we we're we've well went were weren't what when where whether
	which while who whom whose why will with within without won't would wouldn't yes yet you you're your yours`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
