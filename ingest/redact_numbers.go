package ingest

import (
	"net/netip"
	"strings"
)

// findNumbers finds what is made of digits: cards, IBANs, national ids, IPv4 addresses and phone numbers. It walks over
// the words once and looks closer only where one starts like such a number.
func findNumbers(found []finding, text string) []finding {
	questions := maxQuestions
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case isDigit(c), (c == '+' || c == '(') && opensNumber(text[i:]):
			cl := readCluster(text, i)
			cl.questions = &questions
			found = cl.classify(found)
			i = cl.end
			for i < len(text) && (isAlnum(text[i]) || text[i] == '_') {
				i++ // "10k", "4711a": a word, not a number
			}
		case isLetter(c):
			if end, f := findLettered(text, i); end > 0 {
				found = append(found, f)
				i = end
				continue
			}
			start := i
			for i < len(text) && (isAlnum(text[i]) || text[i] == '_' || text[i] >= 0x80) {
				i++
			}
			if i-start == 4 && ibanLengths[text[start:start+2]] > 0 && isDigit(text[i-1]) {
				// an IBAN with a wrong digit: its groups are no phone number
				for i+4 < len(text) && text[i] == ' ' && isDigit(text[i+1]) && isDigit(text[i+4]) {
					i += 5
				}
			}
			for i+1 < len(text) && text[i] == '-' && isDigit(text[i+1]) {
				// ZD-10017, ISO-8601-2: an identifier goes on behind its hyphens
				for i++; i < len(text) && isAlnum(text[i]); i++ {
				}
			}
		default:
			i++
		}
	}
	return found
}

func opensNumber(text string) bool {
	if len(text) < 3 {
		return false
	}
	return isDigit(text[1]) || text[0] == '(' && text[1] == '+' && isDigit(text[2])
}

// findLettered finds the numbers that start with letters: IBAN, NINO, NIE.
func findLettered(text string, i int) (int, finding) {
	if i+8 > len(text) || !wordStart(text, i) {
		return 0, finding{}
	}
	if isLetter(text[i+1]) {
		if end, value := iban(text, i); end > 0 {
			return end, finding{SecretIBAN, i, end, value}
		}
		if end, value := compact(text, i, 9); end > 0 && isNINO(value) && last(before(text, i), orderWords) < 0 {
			return end, finding{SecretNational, i, end, value}
		}
		return 0, finding{}
	}
	if c := text[i] &^ 0x20; c >= 'X' && c <= 'Z' {
		if end, value := compact(text, i, 9); end > 0 && isDNI(value) {
			return end, finding{SecretNational, i, end, strings.ToUpper(value)}
		}
	}
	return 0, finding{}
}

// compact reads n letters and digits from i on, over single blanks and hyphens. It gives 0 where they aren't a word.
func compact(text string, i, n int) (int, string) {
	var b [16]byte
	got := 0
	for j := i; j < len(text); j++ {
		switch c := text[j]; {
		case isAlnum(c):
			b[got] = c
			if got++; got == n {
				if !wordEnd(text, j+1) {
					return 0, ""
				}
				return j + 1, string(b[:n])
			}
		case (c == ' ' || c == '-') && isAlnum(text[j-1]):
		default:
			return 0, ""
		}
	}
	return 0, ""
}

// before gives the words before i, in lower case, as far as they say what a number is.
func before(text string, i int) string {
	head := text[max(0, i-28):i]
	if j := strings.LastIndexByte(head, '\n'); j >= 0 {
		head = head[j:]
	}
	return strings.ToLower(head)
}

// far gives more of the words before i than [before], for what is named at the head of a sentence.
func far(text string, i int) string {
	head := text[max(0, i-48):i]
	if j := strings.LastIndexByte(head, '\n'); j >= 0 {
		head = head[j:]
	}
	return strings.ToLower(head)
}

// cluster is a run of digit groups with the separators that may stand within a number.
type cluster struct {
	text       string
	start, end int
	groups     []group
	questions  *int // how many more the numbering plans may be asked
}

// maxQuestions is how many candidates of one text the numbering plans are asked about, at some 10 µs each.
const maxQuestions = 4000

type group struct {
	start, end int
	plus       bool // a + stands before it
	paren      bool // it stands in brackets
}

const maxGroups = 12

func readCluster(text string, i int) cluster {
	c := cluster{text: text, start: i}
	var room [maxGroups]group
	c.groups = room[:0]
	open := 0
	for i < len(text) && len(c.groups) < maxGroups {
		g := group{start: i}
		for i < len(text) && (text[i] == '(' || text[i] == '+') {
			g.plus = g.plus || text[i] == '+'
			if text[i] == '(' {
				g.paren = true
				open++
			}
			i++
		}
		digits := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		if i == digits {
			break
		}
		g.start, g.end = digits, i
		c.groups = append(c.groups, g)
		// Up to three separators lead on to the next group: ") ", " - ", " (".
		j := i
		for j < len(text) && j-i < 3 && isSeparator(text[j]) {
			j++
		}
		if j == i || j >= len(text) || !isDigit(text[j]) || text[j-1] == '(' && j-i > 2 {
			break
		}
		if text[j-1] == '(' {
			j--
		}
		i = j
	}
	c.end = max(c.groups[len(c.groups)-1].end, c.start+1)
	return c
}

func isSeparator(c byte) bool {
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'
}

// classify tries the runs of groups from the longest on. A run starts and ends at a blank or at the cluster's ends.
func (c *cluster) classify(found []finding) []finding {
	for from := 0; from < len(c.groups); {
		to := len(c.groups) - 1
		for ; to >= from; to-- {
			if !c.stands(from, to) {
				continue
			}
			if f, ok := c.kind(from, to); ok {
				found = append(found, f)
				break
			}
		}
		if to < from {
			to = from
		}
		from = to + 1
	}
	return found
}

// stands says that the groups from..to are words of their own.
func (c *cluster) stands(from, to int) bool {
	if from > 0 && !strings.Contains(c.text[c.groups[from-1].end:c.groups[from].start], " ") {
		return false
	}
	if to+1 < len(c.groups) && !strings.Contains(c.text[c.groups[to].end:c.groups[to+1].start], " ") {
		return false
	}
	return true
}

// kind says what the groups from..to are.
func (c *cluster) kind(from, to int) (finding, bool) {
	groups := c.groups[from : to+1]
	var room [40]byte
	digits := room[:0]
	for _, g := range groups {
		if len(digits)+g.end-g.start > len(room) {
			return finding{}, false
		}
		digits = append(digits, c.text[g.start:g.end]...)
	}
	n := len(digits)
	if n < 4 {
		return finding{}, false
	}
	start, end := groups[0].start, groups[len(groups)-1].end
	w := window{text: c.text, questions: c.questions, groups: groups, start: start, end: end, digits: string(digits)}
	w.seps = w.separators()
	if len(groups) == 5 && w.seps == ".../" || len(groups) == 4 && w.seps == "..." {
		end = groups[3].end // 192.0.2.0/24: the address goes
		if addr, err := netip.ParseAddr(c.text[start:end]); err == nil && isPersonalV4(addr) && c.readsLikeAddress(addr, start, end) {
			return finding{SecretIP, start, end, addr.String()}, true
		}
		if n < 9 {
			return finding{}, false
		}
		end = groups[len(groups)-1].end
	}
	switch {
	case n >= 13 && w.plain(" -") && isCard(w.digits) && w.cardShape():
		return finding{SecretCard, start, end, w.digits}, true
	case n == 15 && w.plain(" -") && isNIR(w.digits):
		return finding{SecretNational, start, end, w.digits}, true
	case n == 11 && w.plain(" /") && isSteuerID(w.digits) && !groups[0].plus:
		return finding{SecretNational, start, end, w.digits}, true
	case n == 9 && w.isSSN(), n == 10 && w.isNHS():
		return finding{SecretNational, start, end, w.digits}, true
	case n == 8 && to == len(c.groups)-1:
		if f, ok := w.dni(); ok {
			return f, true
		}
	case n == 6 && to == len(c.groups)-1:
		if f, ok := w.corsican(); ok {
			return f, true
		}
	}
	if n >= 7 && (to < len(c.groups)-1 || wordEnd(c.text, end) || isExtension(c.text[end:])) {
		return w.phone()
	}
	return finding{}, false
}

// window is a run of groups under the looking glass.
type window struct {
	text       string
	groups     []group
	start, end int
	digits     string
	seps       string // the separators in their order
	questions  *int
}

func (w *window) separators() string {
	if len(w.groups) == 1 {
		return ""
	}
	var room [3 * maxGroups]byte
	b := room[:0]
	for i := 1; i < len(w.groups); i++ {
		b = append(b, w.text[w.groups[i-1].end:w.groups[i].start]...)
	}
	return string(b)
}

// plain says that nothing but the given separators stands between the groups, one kind at a time.
func (w *window) plain(allowed string) bool {
	for i := range len(w.seps) {
		if strings.IndexByte(allowed, w.seps[i]) < 0 || w.seps[i] != w.seps[0] {
			return false
		}
	}
	return len(w.seps) == len(w.groups)-1
}

// shape gives the lengths of the groups as one number a digit, for instance 334.
func (w *window) shape() int {
	n := 0
	for _, g := range w.groups {
		n = n*10 + min(g.end-g.start, 9)
	}
	return n
}

func (w *window) cardShape() bool {
	switch w.shape() {
	case 9, 4444, 465, 464, 44443, 44441, 88, 4633:
		return true
	}
	return false
}

// isNHS wants a word that says so: one in eleven of all numbers has the right check digit.
func (w *window) isNHS() bool {
	if shape := w.shape(); shape != 334 && shape != 9 || !isNHS(w.digits) {
		return false
	}
	return last(far(w.text, w.start), []string{"nhs", "patient"}) >= 0
}

// isSSN knows the US social security number and the taxpayer number. It wants the hyphens, or a word that says so.
func (w *window) isSSN() bool {
	if !isSSN(w.digits) && !isITIN(w.digits) {
		return false
	}
	named := last(before(w.text, w.start), []string{"ssn", "social security", "soc sec", "itin", "taxpayer"}) >= 0
	switch w.shape() {
	case 324:
		return w.seps == "--" || named
	case 9:
		return named
	}
	return false
}

// dni reads the letter behind the eight digits of a Spanish DNI.
func (w *window) dni() (finding, bool) {
	if len(w.groups) > 1 && (w.shape() != 233 || w.seps != "..") {
		return finding{}, false
	}
	end := w.end
	if end < len(w.text) && (w.text[end] == '-' || w.text[end] == ' ') {
		end++
	}
	if end >= len(w.text) || !isLetter(w.text[end]) || !wordEnd(w.text, end+1) || !isDNI(w.digits+w.text[end:end+1]) {
		return finding{}, false
	}
	if w.text[end] >= 'a' && w.text[end-1] == ' ' {
		return finding{}, false // "12345678 a"
	}
	return finding{SecretNational, w.start, end + 1, w.digits + strings.ToUpper(w.text[end:end+1])}, true
}

// corsican reads on behind the A or B in the department of a French NIR.
func (w *window) corsican() (finding, bool) {
	if w.digits[0] != '1' && w.digits[0] != '2' {
		return finding{}, false
	}
	end, value := compact(w.text, w.start, 15)
	if end == 0 || !isNIR(strings.ToUpper(value)) {
		return finding{}, false
	}
	return finding{SecretNational, w.start, end, strings.ToUpper(value)}, true
}

// isDate knows the dates that could pass for a phone number, at the head of the window.
func (w *window) isDate() bool {
	if len(w.groups) < 3 {
		return false
	}
	var v [3]int
	var size [3]int
	for i, g := range w.groups[:3] {
		size[i] = g.end - g.start
		if size[i] > 4 {
			return false
		}
		v[i] = number(w.text[g.start:g.end])
	}
	a := w.text[w.groups[0].end:w.groups[1].start]
	if b := w.text[w.groups[1].end:w.groups[2].start]; a != b || a != "-" && a != "." && a != "/" {
		return false
	}
	switch {
	case size[0] == 4 && v[0] >= 1900 && v[0] < 2100:
		return v[1] <= 12 && v[2] <= 31
	case size[0] <= 2 && size[1] <= 2 && (size[2] == 4 && v[2] >= 1900 && v[2] < 2100 || size[2] == 2 && len(w.groups) == 3):
		return v[0] <= 31 && v[1] <= 31 && min(v[0], v[1]) <= 12
	}
	return false
}
