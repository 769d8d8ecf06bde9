package ingest

import (
	"strings"
	"unicode"
)

// The bounds of what may be cut as a signature: beyond them it is text that happens to stand below a sign-off.
const (
	maxSignatureLines = 14
	maxSignatureBytes = 700
	maxSignatureLine  = 120
)

// signOffs are the phrases that close a mail, in lower case. One of them is a line of its own, or opens a line that goes
// on with no more than a name.
var signOffs = []string{
	"best regards", "kind regards", "kindest regards", "warm regards", "with kind regards", "with best regards", "many regards",
	"regards", "best wishes", "all the best", "best", "sincerely", "yours sincerely", "yours faithfully", "yours truly", "yours",
	"respectfully", "cordially", "cheers", "thanks", "thank you", "many thanks", "thanks a lot", "thanks in advance",
	"thank you in advance", "thanks again", "with thanks", "thanks and regards", "thanks & regards", "thx", "ta", "rgds", "br",
	"mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße", "freundliche grüsse",
	"viele grüße", "viele grüsse", "beste grüße", "beste grüsse", "schöne grüße", "liebe grüße", "herzliche grüße", "gruß",
	"grüße", "mfg", "lg", "vg", "danke", "vielen dank", "besten dank", "danke im voraus", "vielen dank im voraus",
	"hochachtungsvoll",
	"cordialement", "bien cordialement", "bien à vous", "cdlt", "salutations", "meilleures salutations", "sincères salutations",
	"merci", "merci d'avance", "merci beaucoup", "bonne journée", "amicalement",
	"saludos", "un saludo", "saludos cordiales", "un cordial saludo", "atentamente", "muchas gracias", "gracias",
	"gracias de antemano", "atte", "un abrazo",
	"atenciosamente", "cumprimentos", "obrigado", "obrigada", "cordiali saluti", "distinti saluti", "saluti", "grazie",
	"met vriendelijke groet", "met vriendelijke groeten", "groeten", "groet", "bedankt", "pozdrawiam", "z poważaniem",
	"dziękuję", "diolch", "slainte",
}

var isSignOff = func() map[string]bool {
	m := make(map[string]bool, len(signOffs))
	for _, s := range signOffs {
		m[s] = true
	}
	return m
}()

var footers = []string{
	"sent from my ", "sent from outlook", "sent from mail for", "sent from yahoo", "sent with proton", "sent via ",
	"get outlook for", "from my iphone", "gesendet von ", "von meinem ", "von unterwegs gesendet", "gesendet mit ", "diese nachricht wurde von meinem",
	"envoyé de mon", "envoyé depuis", "enviado desde mi", "enviado do meu", "inviato da", "verzonden vanaf", "wysłane z",
	"please consider the environment", "think before you print", "bitte denken sie an die umwelt", "pensez à l'environnement",
	"this e-mail and any", "this email and any", "this message and any", "this email is confidential", "this e-mail is confidential",
	"the information contained in this", "confidentiality notice", "disclaimer:", "diese e-mail enthält vertrauliche",
	"diese e-mail kann vertrauliche", "ce message et toutes les pièces", "este mensaje y sus archivos", "este correo electrónico y",
	"to unsubscribe", "unsubscribe:", "virus-free.", "virenfrei.",
}

// cutSignature removes footers, and then what stands behind a signature's mark or a sign-off when it is as short as a
// signature. A postscript stays.
func cutSignature(lines []string) []string {
	lines = cutFooters(lines)
	for i, line := range lines {
		if i == 0 || !isDelimiter(line) && !closes(line) {
			continue
		}
		tail := lines[i+1:]
		if isDelimiter(line) && !mayBeSignature(tail, maxSignatureLines, maxSignatureBytes) {
			continue
		}
		if !isDelimiter(line) && (!mayBeSignature(tail, 10, 420) || !startsSignature(tail, isThanks(line))) {
			continue
		}
		return append(lines[:i:i], postscript(tail)...)
	}
	return lines
}

// cutFooters removes footers wherever they stand but on the first line, with the rest of their paragraph.
func cutFooters(lines []string) []string {
	kept := lines[:0:0]
	for i := 0; i < len(lines); i++ {
		if !isFooter(lines[i]) || lastOf(kept) == "" {
			kept = append(kept, lines[i])
			continue
		}
		for i+1 < len(lines) && lines[i+1] != "" && len(lines[i]) > 60 {
			i++
		}
	}
	return kept
}

func isFooter(line string) bool {
	line = strings.TrimLeft(line, "-_*| ")
	if len(line) < 8 {
		return false
	}
	lower := strings.ToLower(line[:min(len(line), 60)])
	for _, f := range footers {
		if strings.HasPrefix(lower, f) {
			return true
		}
	}
	return false
}

// isDelimiter knows the two hyphens of RFC 3676, section 4.3, and what people make of them.
func isDelimiter(line string) bool {
	switch line {
	case "--", "---", "—", "––", "-- --", "___", "__":
		return true
	}
	return false
}

// closes says that a line is a sign-off: alone, or with no more than a name behind it.
func closes(line string) bool {
	if len(line) > 60 {
		return false
	}
	lower := strings.ToLower(strings.TrimRight(line, " ,.!;-–—"))
	if isSignOff[lower] {
		return true
	}
	head, rest, ok := strings.Cut(lower, ",")
	if !ok {
		head, rest, ok = strings.Cut(lower, "!")
	}
	return ok && isSignOff[head] && words(rest) <= 3 && isName(strings.TrimSpace(line[len(head)+1:]))
}

// isThanks says that a sign-off is one that people also write in the middle of a message.
func isThanks(line string) bool {
	lower := strings.ToLower(line)
	for _, w := range []string{"thank", "thx", "ta", "cheers", "best", "yours", "br", "danke", "vielen", "besten", "merci", "gracias",
		"muchas", "grazie", "obrigad", "bedankt", "dzi"} {
		if strings.HasPrefix(lower, w) && !strings.HasPrefix(lower, "best ") && !strings.HasSuffix(lower, "regards") {
			return true
		}
	}
	return false
}

// startsSignature says that the first line behind a sign-off is a name, or as short as a name where the sign-off leaves
// no doubt.
func startsSignature(tail []string, doubtful bool) bool {
	first := nextLine(tail, 0)
	switch {
	case first == "" || isPostscript(first) || isName(first):
		return true
	case doubtful:
		return false
	}
	return len(first) <= 80 && !(words(first) >= 4 && strings.ContainsAny(first[len(first)-1:], ".?!"))
}

// isName says that a line could be a person's name: one to four words, each with a capital first.
func isName(line string) bool {
	fields := strings.Fields(strings.TrimRight(line, ".,! "))
	if len(fields) == 0 || len(fields) > 4 {
		return false
	}
	for _, f := range fields {
		if !unicode.IsUpper(firstRune(f)) || strings.ContainsAny(f, "0123456789?") {
			return false
		}
	}
	return true
}

// mayBeSignature says that the lines are few and short, and don't read like sentences.
func mayBeSignature(lines []string, most, size int) bool {
	count, bytes, sentences := 0, 0, 0
	for _, line := range lines {
		if isPostscript(line) {
			break
		}
		if line == "" {
			continue
		}
		if count++; count > most {
			return false
		}
		bytes += len(line)
		if len(line) > maxSignatureLine || words(line) >= 9 && strings.ContainsAny(line[len(line)-1:], ".?!") {
			sentences++
		}
	}
	return bytes <= size && sentences == 0
}

func postscript(lines []string) []string {
	for i, line := range lines {
		if isPostscript(line) {
			return append([]string{""}, lines[i:]...)
		}
	}
	return nil
}

func isPostscript(line string) bool {
	for _, p := range []string{"PS", "P.S.", "P.S", "Ps", "p.s.", "ps:", "P. S."} {
		if rest, ok := strings.CutPrefix(line, p); ok && (rest == "" || strings.ContainsAny(rest[:1], ":. -,")) {
			return true
		}
	}
	return false
}
