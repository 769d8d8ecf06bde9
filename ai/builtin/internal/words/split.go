package words

import (
	"unicode"
	"unicode/utf8"
)

// maxBytes cuts a run of letters that is no word: a key, a hash, a line of base64.
const maxBytes = 64

// List holds the words of one text, one after another in a buffer that is used again for the next text.
type List struct {
	buf  []byte
	ends []int // where each word ends in buf
}

// Len is the number of words.
func (l *List) Len() int { return len(l.ends) }

// Word returns the word of an index; it is valid until the next Split.
func (l *List) Word(i int) []byte {
	from := 0
	if i > 0 {
		from = l.ends[i-1]
	}
	return l.buf[from:l.ends[i]:l.ends[i]]
}

// Split replaces the list with the first max words of a text: runs of letters and digits, lower case, Latin letters without
// their diacritics, a letter at most twice in a row. English contractions are undone ("can't" and "cant" give "can", "not";
// "it's" gives "it"). Each other symbol, such as an emoji, is a word of its own. Punctuation and invalid UTF-8 separate words.
func (l *List) Split(text string, max int) {
	l.buf, l.ends = l.buf[:0], l.ends[:0]
	start, apostrophe := 0, -1 // of the word that is being read, in buf
	for i := 0; i < len(text) && len(l.ends) < max; {
		c := text[i]
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		i += size
		open := len(l.buf) > start
		switch {
		case 'a' <= r && r <= 'z':
			l.letter(start, c)
		case 'A' <= r && r <= 'Z':
			l.letter(start, c+'a'-'A')
		case '0' <= r && r <= '9':
			l.buf = append(l.buf, c)
		case r == '\'' || r == '’':
			if open {
				apostrophe = len(l.buf)
			}
		case r < utf8.RuneSelf || r == utf8.RuneError:
			l.close(&start, &apostrophe, max)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			folded, ok := appendFolded(l.buf, r)
			if !ok {
				folded = utf8.AppendRune(folded, unicode.ToLower(r))
			}
			l.buf = folded
		case unicode.IsMark(r):
			// Combining diacritics are dropped like composed ones; in other scripts marks are vowels.
			if open && !(r >= 0x300 && r <= 0x36F) && !(r >= 0xFE00 && r <= 0xFE0F) {
				l.buf = utf8.AppendRune(l.buf, r)
			}
		case unicode.Is(unicode.So, r):
			l.close(&start, &apostrophe, max)
			l.buf = utf8.AppendRune(l.buf, r)
			l.close(&start, &apostrophe, max)
		case unicode.Is(unicode.Cf, r):
			// Soft hyphens and joiners are invisible inside a word.
		default:
			l.close(&start, &apostrophe, max)
		}
		if len(l.buf)-start >= maxBytes {
			l.close(&start, &apostrophe, max)
		}
	}
	l.close(&start, &apostrophe, max)
}

// letter adds a letter unless it would be the third in a row: "sooooo" is "soo".
func (l *List) letter(start int, c byte) {
	if n := len(l.buf); n-start >= 2 && l.buf[n-1] == c && l.buf[n-2] == c {
		return
	}
	l.buf = append(l.buf, c)
}

// close ends the open word, if any.
func (l *List) close(start, apostrophe *int, max int) {
	from, at := *start, *apostrophe
	*apostrophe = -1
	if len(l.buf) == from || len(l.ends) >= max {
		l.buf = l.buf[:from]
		return
	}
	positive, contracted := "", false
	if at > from && at < len(l.buf) {
		switch string(l.buf[at:]) {
		case "t":
			positive, contracted = contraction(l.buf[from:])
		case "s", "m", "re", "ve", "ll", "d":
			l.buf = l.buf[:at]
		}
	} else {
		positive, contracted = contraction(l.buf[from:])
	}
	if contracted {
		l.buf = append(l.buf[:from], positive...)
		l.ends = append(l.ends, len(l.buf))
		if len(l.ends) < max {
			l.buf = append(l.buf, "not"...)
			l.ends = append(l.ends, len(l.buf))
		}
	} else {
		l.ends = append(l.ends, len(l.buf))
	}
	*start = len(l.buf)
}

// contraction returns the verb of a contraction with "not" that is written without its apostrophe.
func contraction(word []byte) (string, bool) {
	switch string(word) {
	case "cant", "cannot":
		return "can", true
	case "wont":
		return "will", true
	case "dont":
		return "do", true
	case "doesnt":
		return "does", true
	case "didnt":
		return "did", true
	case "isnt", "aint":
		return "is", true
	case "arent":
		return "are", true
	case "wasnt":
		return "was", true
	case "werent":
		return "were", true
	case "hasnt":
		return "has", true
	case "havent":
		return "have", true
	case "hadnt":
		return "had", true
	case "wouldnt":
		return "would", true
	case "couldnt":
		return "could", true
	case "shouldnt":
		return "should", true
	case "mustnt":
		return "must", true
	case "neednt":
		return "need", true
	}
	return "", false
}
