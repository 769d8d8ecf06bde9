package classify

import (
	"unicode"
	"unicode/utf8"
)

// MaxWords is how many words of a text are read for its labels; what follows them does not count. An excerpt has a
// sentence or a few, so only a text that is no feedback comes near.
const MaxWords = 2000

// maxWordBytes cuts a run of letters that is no word: a key, a hash, a line of base64.
const maxWordBytes = 48

// Words of these numbers stand for kinds of tokens. Words of a lexicon follow them.
const (
	wordUnknown int32 = iota
	wordNumber        // 7, 2.50, 10,000
	wordMoney         // a number beside a currency sign
	firstWord
)

const (
	shouted   uint8 = 1 << iota // three or more letters, all capitals
	stretched                   // sooooo
	tagged                      // behind a #
	opens                       // the first word behind a comma, a dash, a bracket or a sentence's end
	quoted                      // alone between quotation marks
)

// token is one word, number, emoji or emoticon of a text.
type token struct {
	start, end int32 // bytes of the text
	low, high  int32 // its folded form, in words.buf
	word       int32
	sentence   int32
	flags      uint8
}

// sentence is what its last marks say about it.
type sentence struct {
	first, last int32 // its tokens, half open
	question    bool
	exclaims    int32
}

// words is one text, cut up. It is used again for the next text.
type words struct {
	buf       []byte
	tokens    []token
	sentences []sentence
	capitals  int // words of three or more letters that are all capitals
	longer    int // words of three or more letters
	truncated bool
	scripts   [scriptCount]int // letters by script
}

func (w *words) folded(t token) []byte { return w.buf[t.low:t.high] }

// split cuts text into tokens. Letters are folded: lower case, no accents, no apostrophes. Addresses, links and
// mentions give no token, for they say nothing about what their writer thinks.
func (w *words) split(text string, lookup func([]byte) int32) {
	w.buf, w.tokens, w.sentences = w.buf[:0], w.tokens[:0], w.sentences[:0]
	w.capitals, w.longer, w.truncated = 0, 0, false
	w.scripts = [scriptCount]int{}
	w.sentences = append(w.sentences, sentence{})
	flags := opens
	for i := 0; i < len(text); {
		if len(w.tokens) >= MaxWords {
			w.truncated = true
			break
		}
		c := text[i]
		switch {
		case isLetterOrDigit(c) || c >= utf8.RuneSelf:
			next := w.word(text, i, flags, lookup)
			if next > i {
				if len(w.tokens) > 0 && int(w.tokens[len(w.tokens)-1].start) >= i {
					flags = 0
				}
				i = next
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i:])
			switch r {
			case '…', '。', '।':
				w.endSentence(false, 0)
				flags = opens
			case '！':
				w.endSentence(false, 1)
				flags = opens
			case '？':
				w.endSentence(true, 0)
				flags = opens
			case '–', '—', '¡', '¿', '“', '”', '„', '«', '»', '，', '、':
				flags = opens
			}
			i += size
		case c == '@':
			i = skipWord(text, i+1)
		case c == '#':
			flags |= tagged
			i++
		case c == '.' || c == '!' || c == '?' || c == '\n' || c == ';':
			question, exclaims, from := false, int32(0), i
			for i < len(text) && (text[i] == '.' || text[i] == '!' || text[i] == '?' || text[i] == '\n' || text[i] == ';' || text[i] == '\r' || text[i] == ' ') {
				switch text[i] {
				case '?':
					question = true
				case '!':
					exclaims++
				}
				i++
			}
			if c == ';' && emoticon(text[from:]) > 0 {
				i = from + w.emoticon(text, from, lookup)
			}
			w.endSentence(question, exclaims)
			flags = opens
		case c == ',' || c == '(' || c == ')' || c == '"' || c == '*' || c == '-' && i > 0 && text[i-1] == ' ':
			if n := w.emoticon(text, i, lookup); n > 0 {
				i += n
			} else {
				i++
			}
			flags |= opens
		default:
			if n := w.emoticon(text, i, lookup); n > 0 {
				i += n
			} else {
				i++
			}
			if c == ':' {
				flags |= opens
			}
		}
	}
	w.endSentence(false, 0)
	w.sentences = w.sentences[:len(w.sentences)-1]
}

// endSentence closes the open sentence and opens the next. Marks behind nothing belong to the sentence before them.
func (w *words) endSentence(question bool, exclaims int32) {
	open := &w.sentences[len(w.sentences)-1]
	open.last = int32(len(w.tokens))
	if open.first == open.last {
		if len(w.sentences) > 1 {
			before := &w.sentences[len(w.sentences)-2]
			before.question = before.question || question
			before.exclaims += exclaims
		}
		return
	}
	open.question, open.exclaims = question, exclaims
	w.sentences = append(w.sentences, sentence{first: int32(len(w.tokens))})
}

// word reads one word, number or emoji at i and returns where it ends, or i when none begins there.
func (w *words) word(text string, i int, flags uint8, lookup func([]byte) int32) int {
	if n := linkLength(text[i:]); n > 0 {
		return i + n
	}
	low := len(w.buf)
	start, upper, letters, digits, run := i, 0, 0, 0, 1
	var last rune
	for i < len(text) && len(w.buf)-low < maxWordBytes {
		c := text[i]
		if c < utf8.RuneSelf {
			switch {
			case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
				if digits > 0 && letters == 0 {
					return w.number(text, start, i, low, flags, lookup)
				}
				if c < 'a' {
					upper++
					c += 'a' - 'A'
				}
				letters++
				if rune(c) == last {
					run++
				} else {
					run = 1
				}
				last = rune(c)
				if run <= 2 {
					w.buf = append(w.buf, c)
				} else {
					flags |= stretched
				}
				i++
				continue
			case c >= '0' && c <= '9':
				digits++
				w.buf = append(w.buf, c)
				i++
				continue
			case c == '\'' || c == '`':
				if letters > 0 && i+1 < len(text) && isLetter(text[i+1]) {
					i++
					if letters == 1 && elides(w.buf[low]) {
						return w.elision(start, i, low, flags, lookup)
					}
					continue
				}
			case c == '.' || c == ',' || c == ':':
				if digits > 0 && letters == 0 && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' {
					w.buf = append(w.buf, c)
					i++
					continue
				}
			case c == '@':
				if letters+digits > 0 {
					w.buf = w.buf[:low]
					return skipWord(text, i)
				}
			}
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case (r == '’' || r == '‘') && letters == 1 && elides(w.buf[low]):
			return w.elision(start, i+size, low, flags, lookup)
		case r == '’' || r == '‘' || unicode.Is(unicode.Mn, r) || joins(r):
			i += size
			continue
		case unicode.IsLetter(r):
			letters++
			w.countScript(r)
			if unicode.IsUpper(r) {
				upper++
			}
			last, run = r, 1
			w.buf = appendFolded(w.buf, unicode.ToLower(r))
			i += size
			continue
		}
		if letters+digits == 0 && pictures(r) {
			w.buf = utf8.AppendRune(w.buf, r)
			w.add(start, i+size, low, flags, lookup(w.buf[low:]))
			return i + size
		}
		break
	}
	if len(w.buf) == low {
		if i > start {
			return i // nothing but marks
		}
		return start
	}
	if letters == 0 {
		return w.number(text, start, i, low, flags, lookup)
	}
	if letters >= 3 {
		w.longer++
		if upper == letters {
			w.capitals++
			flags |= shouted
		}
	}
	if start > 0 && i < len(text) && isQuote(text[start-1]) && isQuote(text[i]) {
		flags |= quoted
	}
	id := lookup(w.buf[low:])
	if id == wordUnknown && flags&stretched != 0 {
		w.buf = w.buf[:low+squeeze(w.buf[low:])]
		id = lookup(w.buf[low:])
	}
	if id == wordUnknown && flags&tagged != 0 && w.unfold(start, i, low, flags, lookup) {
		return i
	}
	w.add(start, i, low, flags, id)
	return i
}

// elides says whether a letter stands alone before an apostrophe in French: l'heure, j'ai.
func elides(c byte) bool {
	switch c {
	case 'l', 'd', 'j', 'n', 's', 'c', 'm', 't':
		return true
	}
	return false
}

// elision adds the one letter before an apostrophe.
func (w *words) elision(start, end, low int, flags uint8, lookup func([]byte) int32) int {
	w.add(start, end, low, flags, lookup(w.buf[low:]))
	return end
}

func (w *words) number(text string, start, end, low int, flags uint8, lookup func([]byte) int32) int {
	id := lookup(w.buf[low:])
	if id == wordUnknown {
		id = wordNumber
	}
	before, after := "", text[end:]
	if start > 0 {
		before = text[:start]
	}
	if hasCurrency(before, true) || hasCurrency(after, false) {
		id = wordMoney
	}
	w.add(start, end, low, flags, id)
	return end
}

func (w *words) add(start, end, low int, flags uint8, id int32) {
	w.tokens = append(w.tokens, token{start: int32(start), end: int32(end), low: int32(low), high: int32(len(w.buf)), word: id, sentence: int32(len(w.sentences) - 1), flags: flags})
}

// unfold cuts a hashtag such as #worstserviceever into words that a lexicon has, the longest first.
func (w *words) unfold(start, end, low int, flags uint8, lookup func([]byte) int32) bool {
	high := len(w.buf)
	count := len(w.tokens)
	for at := low; at < high; {
		to := high
		for to > at+1 && (lookup(w.buf[at:to]) == wordUnknown || to-at < 2) {
			to--
		}
		if to <= at+1 {
			w.tokens = w.tokens[:count]
			return false
		}
		w.tokens = append(w.tokens, token{start: int32(start), end: int32(end), low: int32(at), high: int32(to), word: lookup(w.buf[at:to]), sentence: int32(len(w.sentences) - 1), flags: flags})
		at = to
	}
	return true
}

// emoticon adds the emoticon at i and returns its length, or 0.
func (w *words) emoticon(text string, i int, lookup func([]byte) int32) int {
	n := emoticon(text[i:])
	if n == 0 || i > 0 && isLetterOrDigit(text[i-1]) && text[i] == ':' && n == 2 && text[i+1] == '/' {
		return 0
	}
	low := len(w.buf)
	for _, c := range []byte(text[i : i+n]) {
		switch {
		case c == 'D' || c == 'P':
			w.buf = append(w.buf, c+'a'-'A')
		case c != '\'' && c != '-':
			w.buf = append(w.buf, c)
		}
	}
	w.add(i, i+n, low, 0, lookup(w.buf[low:]))
	return n
}

// squeeze cuts each run of one letter down to that letter, in place, and returns the new length.
func squeeze(b []byte) int {
	n := 0
	for i, c := range b {
		if i == 0 || c != b[i-1] {
			b[n] = c
			n++
		}
	}
	return n
}

// isQuote says whether c is a straight quotation mark, or the last byte of a curly one, or the first.
func isQuote(c byte) bool { return c == '"' || c == 0x9c || c == 0x9d || c == 0xe2 }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
