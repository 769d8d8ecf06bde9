package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a span of a body with what the splitter knows about it.
type sentence struct {
	start, end int
	paragraph  int
	speaker    int  // the turn of a conversation; 0 outside of one
	item       int  // its number in a list of points, from 1; 0 outside of one
	bullet     bool // an item of a plain list
	talk       bool // greeting, thanks, sign-off: no excerpt
	announces  bool // it says that several points will follow
	features
}

// segment cuts a body into sentences. Lines that a mail program wrapped go on; a list item, a turn of a conversation and
// a line that ends itself start a new one.
func segment(body string) []sentence {
	out := make([]sentence, 0, 8)
	paragraph, speaker := 0, 0
	transcript := isTranscript(body)
	for at := 0; at < len(body); {
		end := at
		for { // one logical line: up to a break that means something
			next := strings.IndexByte(body[end:], '\n')
			if next < 0 {
				end = len(body)
				break
			}
			end += next
			if end+1 >= len(body) || breaks(body[at:end], body[end+1:]) {
				break
			}
			end++
		}
		line := body[at:end]
		start := at
		if transcript {
			if label := labelLength(line); label > 0 {
				speaker++
				if isAgent(line[:label]) {
					speaker = -speaker
				}
				start += label
			}
		}
		if speaker >= 0 {
			bullet := isBullet(line)
			n := len(out)
			out = appendSentences(out, body, start, end)
			for i := n; i < len(out); i++ {
				out[i].paragraph, out[i].speaker = paragraph, speaker
				out[i].bullet = bullet && i == n
				if out[i].bullet && out[i].item == 0 {
					out[i].item, _ = enumerator(line)
				}
			}
		} else {
			speaker = -speaker
			// What the agent says is no feedback; the turn goes on until the next label.
			for end+1 < len(body) && labelLength(lineAt(body, end+1)) == 0 {
				next := strings.IndexByte(body[end+1:], '\n')
				if next < 0 {
					end = len(body)
					break
				}
				end += 1 + next
			}
		}
		at = end + 1
		for at < len(body) && body[at] == '\n' {
			paragraph++
			at++
		}
	}
	return out
}

func lineAt(body string, at int) string {
	line, _, _ := strings.Cut(body[at:], "\n")
	return line
}

// breaks says that the line break between a line and what follows ends a sentence.
func breaks(line, rest string) bool {
	if rest == "" || rest[0] == '\n' {
		return true
	}
	if line == "" || isBullet(rest) {
		return true
	}
	switch line[len(line)-1] {
	case '.', '!', '?', ':', ')', '"':
		return true
	case ',', ';':
		return false
	}
	last := strings.LastIndexByte(line, '\n') + 1
	width := len(line) - last
	first := firstRune(rest)
	return width < 48 && !unicode.IsLower(first) || labelLength(lineAt(rest, 0)) > 0
}

// isBullet knows "- ", "* ", "1. ", "1) ", "(a) " at the head of a line.
func isBullet(line string) bool {
	if len(line) < 3 {
		return false
	}
	switch line[0] {
	case '-', '*', '+':
		return line[1] == ' '
	}
	if strings.HasPrefix(line, "• ") || strings.HasPrefix(line, "– ") || strings.HasPrefix(line, "· ") || strings.HasPrefix(line, "→ ") {
		return true
	}
	_, size := enumerator(line)
	return size > 0
}

// enumerator reads "1. ", "1) ", "(1) ", "a) ", "(a) ", "#1 " and gives the number and the length; 0 where there is none.
func enumerator(text string) (number, size int) {
	i := 0
	open := text != "" && (text[0] == '(' || text[0] == '#')
	if open {
		i++
	}
	if i >= len(text) {
		return 0, 0
	}
	switch c := text[i] | 0x20; {
	case isDigit(text[i]) && text[i] != '0':
		number = int(text[i] - '0')
	case c >= 'a' && c <= 'h' && text[0] != '#':
		number = int(c-'a') + 1
	default:
		return 0, 0
	}
	letter := !isDigit(text[i])
	if i++; i >= len(text) {
		return 0, 0
	}
	switch c := text[i]; {
	case c == ')', c == '.' && !open && !letter, c == ':' && !open && !letter:
		i++
	case text[0] == '#' && c == ' ':
	default:
		return 0, 0
	}
	if i >= len(text) || text[i] != ' ' {
		return 0, 0
	}
	return number, i + 1
}

// appendSentences cuts one line at the ends of its sentences and before the items of a list that runs within it.
func appendSentences(out []sentence, body string, start, end int) []sentence {
	marks := inlineItems(body[start:end])
	first := len(out)
	at, item := start, 0
	add := func(to int) {
		for at < to && body[at] == ' ' {
			at++
		}
		stop := to
		for stop > at && (body[stop-1] == ' ' || body[stop-1] == '\n') {
			stop--
		}
		if stop > at {
			out = append(out, sentence{start: at, end: stop, item: item})
			item = 0
		}
		at = to
	}
	for i := start; i < end; {
		if len(marks) > 0 && i == start+marks[0].at {
			add(i)
			item, marks = marks[0].number, marks[1:]
			i++
			continue
		}
		if stop := sentenceEnd(body[start:end], i-start); stop > 0 {
			i = start + stop
			if len(out) == first || i-at >= 2 {
				add(i)
			}
			continue
		}
		i++
	}
	add(end)
	return out
}

// sentenceEnd gives the offset behind the sentence that ends with the byte at i, 0 where none does.
func sentenceEnd(line string, i int) int {
	c := line[i]
	if c == 0xe3 || c == 0xef { // the ideographic full stop and the wide marks
		for _, mark := range []string{"。", "！", "？"} {
			if strings.HasPrefix(line[i:], mark) {
				return i + len(mark)
			}
		}
	}
	if c != '.' && c != '!' && c != '?' && !strings.HasPrefix(line[i:], "…") {
		return 0
	}
	j := i
	for j < len(line) && (line[j] == '.' || line[j] == '!' || line[j] == '?') {
		j++
	}
	if j == i {
		j += len("…")
	}
	for j < len(line) {
		if line[j] == '"' || line[j] == '\'' || line[j] == ')' || line[j] == ']' || line[j] == '*' {
			j++
		} else if strings.HasPrefix(line[j:], "”") || strings.HasPrefix(line[j:], "’") || strings.HasPrefix(line[j:], "“") {
			j += 3
		} else if strings.HasPrefix(line[j:], "»") {
			j += 2
		} else {
			break
		}
	}
	if j >= len(line) || line[j] != ' ' && line[j] != '\n' {
		return 0
	}
	if c == '.' && j == i+1 && isAbbreviation(line[:i], line[j+1:]) {
		return 0
	}
	if next := strings.TrimLeft(line[j:], " \n"); next != "" {
		r, _ := utf8.DecodeRuneInString(next)
		// "4 a.m. sharp", "Hm... fine": an unfinished sentence goes on in lower case.
		if unicode.IsLower(r) && (strings.HasPrefix(line[i:], "...") || strings.HasPrefix(line[i:], "…") || line[j-1] == '"' || line[j-1] == ')') {
			return 0
		}
	}
	return j
}

var abbreviations = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`mr mrs ms dr prof st no nr vs etc approx incl excl ca bzw usw ggf inkl exkl zzgl resp evtl max min std
		tel str e.g i.e z.b d.h u.a o.ä s.o v.a a.m p.m p.ej sr sra srta ud uds aprox mme mlle m cf ex p.ex env art abs inv dept dir est jan
		feb mar apr jun jul aug sept sep oct okt nov dec dez mon tue wed thu fri sat sun ing hr fr geb inc ltd co corp ops mgr fig`) {
		m[w] = true
	}
	return m
}()

// isAbbreviation says that a full stop ends a word like "Dr." or "e.g.", or an initial, and no sentence.
func isAbbreviation(head, tail string) bool {
	i := strings.LastIndexAny(head, " \n(\"/") + 1
	word := strings.ToLower(head[i:])
	if word == "" {
		return false
	}
	if r, size := utf8.DecodeRuneInString(word); size == len(word) && unicode.IsLetter(r) {
		return true
	}
	if !abbreviations[word] {
		// "3. Quartal", "the 2. one": an ordinal in the middle of a line
		return len(word) <= 2 && isDigit(word[0]) && strings.Trim(word, "0123456789") == "" && i > 0 && (unicode.IsLower(firstRune(tail)) || months[lowerWord(tail)])
	}
	switch word {
	case "etc", "usw", "a.m", "p.m", "inc", "ltd", "co", "sun", "sat", "mon", "max", "min", "ops", "art", "est", "no", "ex", "mar", "ing":
		return unicode.IsLower(firstRune(tail)) || word == "no" && tail != "" && isDigit(tail[0])
	}
	return true
}

var months = map[string]bool{"januar": true, "februar": true, "märz": true, "april": true, "mai": true, "juni": true, "juli": true,
	"august": true, "september": true, "oktober": true, "november": true, "dezember": true, "quartal": true, "mal": true, "stock": true}

func lowerWord(text string) string {
	end := 0
	for end < len(text) && text[end] > ' ' && text[end] != ',' && text[end] != '.' {
		end++
	}
	return strings.ToLower(text[:end])
}

// mark is where an item of a list starts within a line.
type mark struct{ at, number int }

// inlineItems finds a list that runs within a line: enumerators that count up from one, at least two of them.
func inlineItems(line string) []mark {
	if !strings.ContainsAny(line, ").") {
		return nil
	}
	var found []mark
	want := 1
	for i := 0; i+3 < len(line); i++ {
		if i > 0 && line[i-1] != ' ' && line[i-1] != '\n' {
			continue
		}
		n, size := enumerator(line[i:])
		if size == 0 || n != want || line[i+size-2] == '.' && i > 0 && !endsClause(line[:i]) || n > 1 && joinsItems(line[:i]) {
			continue
		}
		found = append(found, mark{i, n})
		want++
	}
	if len(found) < 2 {
		return nil
	}
	return found
}

// joinsItems says that the words before an item tie it to the one before: "(a) the logs and (b) a date".
func joinsItems(head string) bool {
	head = strings.TrimRight(head, " ")
	for _, w := range []string{" and", " or", " und", " oder", " y", " o", " et", " ou"} {
		if strings.HasSuffix(head, w) {
			return true
		}
	}
	return false
}

func endsClause(head string) bool {
	head = strings.TrimRight(head, " \n")
	return head == "" || strings.IndexByte(".!?:;,", head[len(head)-1]) >= 0
}
