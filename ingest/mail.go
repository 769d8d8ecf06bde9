package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cutMail leaves of a mail's text what its author wrote: no quoted replies, no signature, no footer that a phone or a
// lawyer put there. The text is normalized. In a forwarded mail what was forwarded stays.
func cutMail(text string, forwarded bool) string {
	if !mayBeMail(text) {
		return text
	}
	lines := strings.Split(text, "\n")
	lines = cutQuotes(lines, forwarded)
	lines = cutSignature(lines)
	return strings.Join(lines, "\n")
}

// mayBeMail is a cheap look for anything that cutMail could cut: most messages have only one line.
func mayBeMail(text string) bool {
	return strings.IndexByte(text, '\n') >= 0
}

// cutQuotes removes quoted lines, and everything from a mark behind which a mail program puts the mail that it answers.
func cutQuotes(lines []string, forwarded bool) []string {
	kept := make([]string, 0, len(lines))
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, ">"):
			if forwarded || announcesForward(lastOf(kept)) || i > 0 && strings.HasPrefix(lines[i-1], ">") && keptQuote(kept, lines[i-1]) {
				kept = append(kept, strings.TrimLeft(line, "> "))
			}
			continue
		case isForwardMark(line):
			forwarded = true
			i = skipHeader(lines, i+1) - 1
			continue
		case isReplyMark(line):
			if forwarded {
				i = skipHeader(lines, i+1) - 1
				continue
			}
			return kept
		case isHeaderBlock(lines[i:]):
			if forwarded || announcesForward(lastOf(kept)) {
				forwarded = true
				i = skipHeader(lines, i) - 1
				continue
			}
			return kept
		}
		if n := attribution(lines[i:]); n > 0 {
			next := nextLine(lines, i+n)
			switch {
			case strings.HasPrefix(next, ">"):
				i += n - 1 // the quote itself goes line by line: what is written between and below stays
				continue
			case forwarded:
				i += n - 1
				continue
			default:
				return kept
			}
		}
		kept = append(kept, line)
	}
	return kept
}

// keptQuote says that the quoted line before was kept, so that a passage stays whole.
func keptQuote(kept []string, quoted string) bool {
	return len(kept) > 0 && kept[len(kept)-1] == strings.TrimLeft(quoted, "> ")
}

func lastOf(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] != "" {
			return lines[i]
		}
	}
	return ""
}

func nextLine(lines []string, from int) string {
	for ; from < len(lines); from++ {
		if lines[from] != "" {
			return lines[from]
		}
	}
	return ""
}

// isReplyMark knows the rule that Outlook and others draw above the mail that is answered.
func isReplyMark(line string) bool {
	if len(line) < 8 || line[0] != '-' && line[0] != '_' {
		return false
	}
	if strings.Trim(line, "_") == "" {
		return len(line) >= 20
	}
	switch strings.ToLower(strings.Trim(line, "- ")) {
	case "original message", "original appointment", "ursprüngliche nachricht", "originalnachricht", "ursprünglicher termin",
		"message d'origine", "message original", "message d’origine", "mensaje original", "messaggio originale",
		"mensagem original", "oorspronkelijk bericht", "wiadomość oryginalna", "reply above this line",
		"please type your reply above this line":
		return true
	}
	return false
}

func isForwardMark(line string) bool {
	if len(line) < 12 || line[0] != '-' && !strings.HasPrefix(line, "Begin") && !strings.HasPrefix(line, "Anfang") &&
		!strings.HasPrefix(line, "Début") && !strings.HasPrefix(line, "Inicio") {
		return false
	}
	switch strings.ToLower(strings.Trim(line, "- :")) {
	case "forwarded message", "forwarded message from", "begin forwarded message", "weitergeleitete nachricht",
		"anfang der weitergeleiteten nachricht", "message transféré", "message transmis", "début du message réexpédié",
		"mensaje reenviado", "inicio del mensaje reenviado", "messaggio inoltrato", "mensagem encaminhada",
		"doorgestuurd bericht", "wiadomość przekazana":
		return true
	}
	return false
}

// headerNames are the fields that stand above a quoted or forwarded mail. The first two rows are those of the sender.
var headerNames = map[string]int{
	"from": 1, "von": 1, "de": 1, "da": 1, "van": 1, "od": 1,
	"sent": 2, "date": 2, "gesendet": 2, "datum": 2, "envoyé": 2, "enviado": 2, "enviado el": 2, "fecha": 2, "inviato": 2,
	"data": 2, "verzonden": 2, "wysłano": 2,
	"to": 3, "an": 3, "à": 3, "para": 3, "a": 3, "aan": 3, "do": 3, "cc": 3, "bcc": 3, "kopie": 3, "subject": 3, "betreff": 3,
	"objet": 3, "asunto": 3, "oggetto": 3, "assunto": 3, "onderwerp": 3, "temat": 3, "reply-to": 3, "importance": 3,
	"attachments": 3, "anlagen": 3,
}

func headerName(line string) int {
	line = strings.Trim(line, "*> ")
	i := strings.IndexByte(line, ':')
	if i <= 0 || i > 16 {
		return 0
	}
	return headerNames[strings.ToLower(strings.Trim(line[:i], "* "))]
}

// isHeaderBlock says that a quoted mail's header starts here: a sender, and a date or address on one of the next lines.
// "From: Monday on" alone is none.
func isHeaderBlock(lines []string) bool {
	if headerName(lines[0]) != 1 {
		return false
	}
	found := 0
	for _, line := range lines[1:min(len(lines), 6)] {
		if headerName(line) > 1 {
			found++
		}
	}
	return found >= 2
}

// skipHeader gives the index of the first line behind a header that may start at from.
func skipHeader(lines []string, from int) int {
	i := from
	for i < len(lines) && lines[i] == "" {
		i++
	}
	if i == len(lines) || headerName(lines[i]) == 0 {
		return from
	}
	for i < len(lines) && headerName(lines[i]) != 0 {
		i++
	}
	return i
}

var wroteWords = []string{"wrote:", "writes:", "schrieb:", "a écrit :", "a écrit:", "escribió:", "ha scritto:", "escreveu:",
	"schreef:", "napisał(a):", "napisał:", "napisała:", "skrev:"}

var wroteStarts = []string{"on ", "am ", "le ", "el ", "il ", "em ", "op ", "w dniu ", "dnia ", "den "}

// attribution gives the number of lines (1 or 2) of an "On Monday, Jane wrote:" that starts here, or 0. German puts the
// name behind the verb, so "Am ... schrieb Jane:" is one too.
func attribution(lines []string) int {
	first := lines[0]
	if len(first) < 8 || len(first) > 250 {
		return 0
	}
	if endsWithWrote(first) && looksDated(first) {
		return 1
	}
	if len(lines) > 1 && len(lines[1]) < 160 && !endsWithWrote(first) {
		if joined := first + " " + lines[1]; endsWithWrote(joined) && looksDated(joined) && startsAttribution(joined) {
			return 2
		}
	}
	return 0
}

func endsWithWrote(line string) bool {
	if line[len(line)-1] != ':' {
		return false
	}
	lower := strings.ToLower(line)
	for _, w := range wroteWords {
		if strings.HasSuffix(lower, w) {
			return true
		}
	}
	return strings.HasPrefix(lower, "am ") && strings.Contains(lower, " schrieb ")
}

func startsAttribution(line string) bool {
	lower := strings.ToLower(line)
	for _, s := range wroteStarts {
		if strings.HasPrefix(lower, s) {
			return true
		}
	}
	return false
}

// looksDated tells a mail program's line from a sentence such as "The installer then wrote:".
func looksDated(line string) bool {
	if strings.IndexByte(line, '@') >= 0 {
		return true
	}
	return startsAttribution(line) && strings.IndexFunc(line, unicode.IsDigit) >= 0
}

// announcesForward says that a line tells that what follows is passed on and part of the message.
func announcesForward(line string) bool {
	if line == "" || len(line) > 200 {
		return false
	}
	if line[len(line)-1] == ':' && !endsWithWrote(line) && !looksDated(line) && headerName(line) == 0 {
		return true // "this is what our customer says:"
	}
	lower := strings.ToLower(line)
	for _, w := range []string{"forward", "fwd:", "fyi", "see below", "below from", "weiterleit", "weitergeleitet", "siehe unten",
		"transfér", "transfèr", "ci-dessous", "reenv", "ver abajo", "más abajo", "inoltr", "encaminh", "doorgestuurd", "passing on", "passing this on", "pass this on"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

func words(line string) int { return len(strings.Fields(line)) }

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
