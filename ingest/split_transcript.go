package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isTranscript says that a body is a conversation: at least three lines that start with a speaker's label, two of them
// with the same one or all of the lines.
func isTranscript(body string) bool {
	if strings.Count(body, ":") < 3 || strings.Count(body, "\n") < 2 {
		return false
	}
	labels, repeated, lines := 0, false, 0
	seen := map[string]bool{}
	for line := range strings.SplitSeq(body, "\n") {
		if line == "" {
			continue
		}
		lines++
		if n := labelLength(line); n > 0 {
			labels++
			label := speakerName(line[:n])
			repeated = repeated || seen[label]
			seen[label] = true
		}
	}
	return labels >= 3 && repeated && len(seen) >= 2 && len(seen) <= 12 && labels*2 >= lines
}

// labelLength gives the length of "Jane Doe: ", "[00:12] Agent: ", "Customer (10:04): " at the head of a line; 0 where
// there is none.
func labelLength(line string) int {
	i := 0
	if line != "" && (line[0] == '[' || line[0] == '(' || isDigit(line[0])) {
		for i < len(line) && i < 24 && strings.IndexByte("[]()0123456789:.,- TZ", line[i]) >= 0 {
			i++
		}
	}
	colon := strings.IndexByte(line[i:], ':')
	if colon <= 0 || colon > 40 {
		return 0
	}
	name := line[i : i+colon]
	if j := strings.IndexAny(name, "(["); j > 0 {
		name = strings.TrimSpace(name[:j])
	}
	if words(name) > 4 {
		return 0
	}
	for k, r := range name {
		if k == 0 && !unicode.IsUpper(r) || !unicode.IsLetter(r) && r != ' ' && r != '.' && r != '-' && r != '\'' && r != '_' && !unicode.IsDigit(r) {
			return 0
		}
	}
	end := i + colon + 1
	if end < len(line) && line[end] != ' ' {
		return 0
	}
	for end < len(line) && line[end] == ' ' {
		end++
	}
	return end
}

func speakerName(label string) string {
	label = strings.TrimRight(label, ": ")
	for label != "" {
		r, size := utf8.DecodeRuneInString(label)
		if unicode.IsLetter(r) {
			break
		}
		label = label[size:]
	}
	return strings.ToLower(label)
}

// isAgent says that a label is that of the vendor's side.
func isAgent(label string) bool {
	name := speakerName(label)
	for _, w := range []string{"agent", "support", "rep", "csm", "interviewer", "host", "moderator", "bot", "assistant", "operator",
		"sales rep", "account manager", "berater", "kundenservice", "mitarbeiter", "conseiller", "agente", "soporte", "asesor"} {
		if name == w || strings.HasPrefix(name, w+" ") {
			return true
		}
	}
	return false
}
