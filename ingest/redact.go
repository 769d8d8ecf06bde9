package ingest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/feedback"
)

// Secret is a kind of personal data or credential, and the word in its placeholders.
type Secret string

// The kinds, from the one that wins where two overlap.
const (
	SecretKey      Secret = "SECRET" // a password, key, token, or the part of a URL that works like one
	SecretEmail    Secret = "EMAIL"
	SecretIBAN     Secret = "IBAN"
	SecretCard     Secret = "CARD"
	SecretNational Secret = "NATIONAL_ID" // US SSN and ITIN, UK NINO and NHS, German Steuer-ID and identity card, French NIR, Spanish DNI and NIE
	SecretMAC      Secret = "MAC"
	SecretIP       Secret = "IP"
	SecretPhone    Secret = "PHONE"
	SecretAuthor   Secret = "AUTHOR" // the full name of the message's own author
)

// rank puts the kinds in their order: the checksummed and unmistakable ones first.
var rank = map[Secret]int{SecretKey: 0, SecretEmail: 1, SecretIBAN: 2, SecretCard: 3, SecretNational: 4, SecretMAC: 5,
	SecretIP: 6, SecretPhone: 7, SecretAuthor: 8}

// Redaction says what was replaced: a span of the text as it was given, in bytes, and what stands there now. It doesn't
// keep the value.
type Redaction struct {
	Kind        Secret
	Placeholder string // for instance [EMAIL_1]
	Start, End  int
}

// Redact replaces the personal data and the credentials in a text by placeholders such as [EMAIL_1]. The same value
// gets the same number, whatever its case and spacing. See [NewRedactor] for several texts of one item.
func Redact(text string) (string, []Redaction) { return NewRedactor(nil).Text(text) }

// Redactor redacts the texts of one item, which share their numbers. It isn't safe for concurrent use.
type Redactor struct {
	author  []string // the words of the author's full name; nil where there is no full name
	numbers map[string]int
	counts  map[Secret]int
}

// NewRedactor makes a redactor for one item. The full name of its author, where there is one, becomes [AUTHOR].
func NewRedactor(author *feedback.Author) *Redactor {
	r := &Redactor{}
	if author != nil {
		if names := strings.Fields(author.Name); len(names) >= 2 && len(author.Name) >= 6 {
			r.author = names
		}
	}
	return r
}

// Text gives the text without personal data, and what was replaced, from left to right.
func (r *Redactor) Text(text string) (string, []Redaction) {
	found := r.find(text)
	if len(found) == 0 {
		return text, nil
	}
	found = merge(found)
	var b strings.Builder
	b.Grow(len(text))
	redactions := make([]Redaction, 0, len(found))
	at := 0
	for _, f := range found {
		placeholder := r.placeholder(f)
		b.WriteString(text[at:f.start])
		b.WriteString(placeholder)
		at = f.end
		redactions = append(redactions, Redaction{Kind: f.kind, Placeholder: placeholder, Start: f.start, End: f.end})
	}
	b.WriteString(text[at:])
	return b.String(), redactions
}

// Value redacts what stands behind a name, which tells what it is: a bare number under "phone" is a phone number.
func (r *Redactor) Value(name, value string) string {
	label := name + ": "
	found := merge(r.find(label + value))
	if len(found) > 0 && found[0].start >= len(label) {
		text, _ := r.Text(label + value)
		return text[len(label):]
	}
	text, _ := r.Text(value)
	return text
}

func (r *Redactor) placeholder(f finding) string {
	if f.kind == SecretAuthor {
		return "[AUTHOR]"
	}
	if r.numbers == nil {
		r.numbers, r.counts = map[string]int{}, map[Secret]int{}
	}
	key := string(f.kind) + " " + f.value
	n := r.numbers[key]
	if n == 0 {
		r.counts[f.kind]++
		n = r.counts[f.kind]
		r.numbers[key] = n
	}
	return "[" + string(f.kind) + "_" + strconv.Itoa(n) + "]"
}

// finding is a span that must go. Its value is what two spellings of the same thing share.
type finding struct {
	kind       Secret
	start, end int
	value      string
}

// find runs only those searches for which a first look at the bytes gives cause.
func (r *Redactor) find(text string) []finding {
	c := look(text)
	var found []finding
	if c.at > 0 || c.percent40 || c.brackets && mayObfuscate(text) {
		found = findEmails(found, text, c)
	}
	if c.digits >= 6 || c.digits >= 4 && c.dots >= 3 {
		found = findNumbers(found, text)
	}
	if c.colons >= 2 || c.digits >= 4 && (c.hyphens >= 5 || c.dots >= 2) {
		found = findAddresses(found, text)
	}
	if c.longest >= 15 || c.assigns || c.dashes >= 2 {
		found = findCredentials(found, text, c)
	}
	if c.digits >= 2 {
		found = findCodes(found, text)
	}
	if r.author != nil {
		found = r.findAuthor(found, text)
	}
	return found
}

// census is what the first look at a text saw.
type census struct {
	at, digits, colons, dots, hyphens, equals, dashes int
	longest                                           int // run of bytes without a blank
	percent40, brackets, assigns, scheme              bool
}

func look(text string) census {
	var c census
	run := 0
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b <= ' ' {
			run = 0
			continue
		}
		run++
		c.longest = max(c.longest, run)
		switch b {
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			c.digits++
		case '@':
			c.at++
		case ':':
			c.colons++
			if i+2 < len(text) && text[i+1] == '/' && text[i+2] == '/' {
				c.scheme = true
			}
		case '.':
			c.dots++
		case '-':
			c.hyphens++
			if i+4 < len(text) && text[i+1] == '-' && text[i+2] == '-' {
				c.dashes++
			}
		case '=':
			c.equals++
		case '%':
			c.percent40 = c.percent40 || strings.HasPrefix(text[i:], "%40")
		case '(', '[', '{':
			c.brackets = true
		case 'd', 'D':
			// "jane at example dot com"
			c.brackets = c.brackets || run == 1 && i+3 < len(text) && text[i+3] == ' ' && strings.EqualFold(text[i:i+3], "dot")
		case 's', 'S':
			// password, passwort, mot de passe
			if i >= 2 && text[i-1]|0x20 == 'a' && text[i-2]|0x20 == 'p' || i >= 2 && text[i-1]|0x20 == 's' && text[i-2]|0x20 == 'a' {
				c.assigns = true
			}
			c.assigns = c.assigns || foldPrefix(text[i:], "senha") || foldPrefix(text[i:], "secret")
		case 'w', 'W':
			c.assigns = c.assigns || i >= 1 && (text[i-1]|0x20 == 'p' || foldSuffix(text[:i+1], "kennw") || foldSuffix(text[:i+1], "wachtw"))
		case 'k', 'K':
			c.assigns = c.assigns || i >= 2 && (foldSuffix(text[:i+1], "tok") || foldSuffix(text[:i+1], "api k") || foldSuffix(text[:i+1], "apik"))
		case 'c', 'C':
			c.assigns = c.assigns || foldPrefix(text[i:], "contrase")
		case 'h', 'H':
			c.assigns = c.assigns || foldPrefix(text[i:], "hasł")
		case 'm', 'M':
			c.assigns = c.assigns || foldPrefix(text[i:], "mdp")
		case 'v', 'V':
			c.assigns = c.assigns || foldSuffix(text[:i+1], "clav")
		}
	}
	c.assigns = c.assigns || c.equals > 0 || c.colons > 0
	return c
}

func foldSuffix(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

func foldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[1]|0x20 == prefix[1] && strings.EqualFold(s[:len(prefix)], prefix)
}

// merge puts findings in order and makes one of those that overlap: nothing that was found stays uncovered.
func merge(found []finding) []finding {
	slices.SortFunc(found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(rank[a.kind], rank[b.kind]), cmp.Compare(b.end, a.end))
	})
	out := found[:0]
	for _, f := range found {
		if n := len(out); n > 0 && f.start < out[n-1].end {
			last := &out[n-1]
			last.end = max(last.end, f.end)
			if rank[f.kind] < rank[last.kind] {
				last.kind, last.value = f.kind, f.value
			}
			continue
		}
		out = append(out, f)
	}
	return out
}

// findAuthor finds the author's full name, in any case and over any blanks.
func (r *Redactor) findAuthor(found []finding, text string) []finding {
	first := r.author[0]
	initial := firstRune(first)
	for i := 0; i+len(first) <= len(text); i++ {
		if !sameLetter(text[i:], initial) || !strings.EqualFold(text[i:i+len(first)], first) || !wordStart(text, i) {
			continue
		}
		if end := matchWords(text, i, r.author); end > 0 {
			found = append(found, finding{kind: SecretAuthor, start: i, end: end})
			i = end - 1
		}
	}
	return found
}

func sameLetter(text string, initial rune) bool {
	if initial < utf8.RuneSelf {
		return text[0]|0x20 == byte(initial)|0x20
	}
	return text[0] >= utf8.RuneSelf
}

// matchWords gives the end of the words that start at i, 0 where they don't.
func matchWords(text string, i int, words []string) int {
	for n, w := range words {
		if n > 0 {
			at := i
			for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t') {
				i++
			}
			if i == at {
				return 0
			}
		}
		if i+len(w) > len(text) || !strings.EqualFold(text[i:i+len(w)], w) {
			return 0
		}
		i += len(w)
	}
	if !wordEnd(text, i) {
		return 0
	}
	return i
}

// wordStart says that no letter or digit stands right before i, wordEnd that none stands at i.
func wordStart(text string, i int) bool {
	r, size := utf8.DecodeLastRuneInString(text[:i])
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
}

func wordEnd(text string, i int) bool {
	r, size := utf8.DecodeRuneInString(text[i:])
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }
