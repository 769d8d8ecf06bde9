package ingest

import (
	"strings"
	"unicode"
)

// greetings open a message, in lower case. What stands behind one up to the comma is a name.
var greetings = []string{"hi", "hello", "hey", "hiya", "dear", "good morning", "good afternoon", "good evening", "good day", "greetings", "morning", "afternoon",
	"evening", "howdy", "to whom it may concern", "hallo", "guten tag", "guten morgen", "guten abend", "moin", "moin moin", "servus", "grüß gott", "sehr geehrte", "sehr geehrter", "liebe", "lieber",
	"liebes", "grüezi", "hola", "buenos días", "buenos dias", "buenas tardes", "buenas noches", "buenas", "estimado", "estimada", "estimados", "estimadas", "muy buenas",
	"bonjour", "bonsoir", "salut", "cher", "chère", "chers", "coucou", "madame", "monsieur", "olá", "bom dia", "ciao", "buongiorno", "goedemorgen", "goedemiddag", "dag", "dzień dobry", "cześć"}

// pleasantries are whole sentences that say nothing about the product, as stems at their head.
var pleasantries = []string{"hope you are", "hope you're", "i hope you are", "i hope you're", "hope this finds", "i hope this", "hope all is well", "how are you", "thank you for your help", "thanks for your help", "thank you for your time",
	"thanks for your time", "thank you for reading", "thanks for reading", "thank you in advance", "thanks in advance", "thanks for your quick", "thank you for your quick", "thanks for getting back", "thank you for getting back",
	"thanks for the quick", "thank you for the quick", "thanks for the reply", "thank you for the reply", "looking forward to", "i look forward", "we look forward", "please advise", "please let me know", "let me know", "please get back to me", "kindly advise",
	"ok thanks", "ok thank you", "okay thanks", "okay thank you", "great thanks", "great thank you", "perfect thanks", "perfect thank you", "cool thanks", "we wish you", "i wish you", "please call me", "please call us",
	"any help", "have a nice", "have a great", "have a good", "many thanks", "keep up the", "best regards", "kind regards", "regards", "cheers", "thanks", "thank you", "thx", "ta,", "with thanks", "all the best", "best wishes", "sincerely",
	"see attached", "see screenshot", "screenshot attached", "please find attached", "please see attached", "sent from", "no further comment", "that's all", "that is all", "happy to jump on a call", "happy to give", "call me on", "call me at", "you can reach me",
	"ich hoffe, es geht", "ich hoffe es geht", "vielen dank", "danke", "besten dank", "herzlichen dank", "mit freundlichen", "freundliche grüße", "viele grüße", "beste grüße", "schöne grüße", "liebe grüße", "lg", "mfg", "gruß", "ich freue mich auf", "bitte melden", "bitte um rückmeldung", "schönen tag",
	"muchas gracias", "gracias", "un saludo", "saludos", "atentamente", "espero que", "quedo a la espera", "quedo a su", "quedamos a", "un cordial saludo", "que tengan", "feliz día",
	"merci", "cordialement", "bien cordialement", "bonne journée", "bien à vous", "dans l'attente", "j'espère que vous", "en vous remerciant", "je vous remercie d'avance", "salutations", "diolch", "obrigado", "grazie", "bedankt", "met vriendelijke", "pozdrawiam"}

// greetingLength gives how much of a sentence is a greeting before its first comma, colon or exclamation mark: "Hi team, ". 0
// where it opens with none.
func greetingLength(text string) int {
	lower := lowerHead(make([]byte, 0, 64), text)
	for _, g := range greetings {
		rest, ok := strings.CutPrefix(lower, g)
		if !ok || rest == "" || isWordRune(rune(rest[0])) || rest[0] >= 0x80 {
			continue
		}
		end := strings.IndexAny(text, ",!:.\n")
		if end < 0 || end > 48 || words(text[:end]) > 5 || end+1 < len(text) && text[end] == '.' {
			return 0
		}
		if end+1 < len(text) && text[end+1] != ' ' && text[end+1] != '\n' {
			return 0
		}
		for _, w := range strings.Fields(text[len(g):end]) {
			if r := firstRune(w); !unicode.IsUpper(r) && !greeted[strings.Trim(strings.ToLower(w), ".,")] {
				return 0
			}
		}
		for end < len(text) && strings.IndexByte(",!:. \n", text[end]) >= 0 {
			end++
		}
		return end
	}
	return 0
}

// greeted are those whom people greet besides names.
var greeted = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`all team there folks everyone everybody guys support sir madam sir/madam customer service or and the friends again
		zusammen leute damen herren und team a todos todas equipo señores señor señora buenas amigos tous toutes l'équipe équipe à le la madame monsieur de
		du chers dear to you both`) {
		m[w] = true
	}
	return m
}()

// isSmallTalk says that a whole sentence is a greeting, thanks, a sign-off, a name, or another thing that people say
// besides. Praise is none: "great app!" is a point. Thanks that say what for are a point too.
func isSmallTalk(text string, first bool) bool {
	if len(text) > 120 {
		return false
	}
	trimmed := strings.Trim(text, " \n,.!:;-–—*_()\"'")
	if trimmed == "" {
		return true
	}
	var buf [128]byte
	lower := string(lowerInto(buf[:0], trimmed))
	count := words(lower)
	if isSignOff[lower] {
		return true
	}
	for _, g := range greetings {
		if rest, ok := strings.CutPrefix(lower, g); ok && first && count <= 5 && (rest == "" || rest[0] == ' ' || rest[0] == ',') && greetsOnly(trimmed[min(len(g), len(trimmed)):]) {
			return true
		}
	}
	for _, p := range pleasantries {
		rest, ok := strings.CutPrefix(lower, p)
		if !ok || rest != "" && isWordRune(firstRune(rest)) {
			continue
		}
		if text[len(text)-1] == '?' && count > len(strings.Fields(p))+1 {
			return false
		}
		return count <= len(strings.Fields(p))+2 && !strings.Contains(rest, " but ") || count <= 9 && !hasMatter(rest)
	}
	return isPlaceholders(trimmed)
}

// isNameLine says that a line is no more than its writer's name.
func isNameLine(line string) bool {
	last := line[len(line)-1]
	if words(line) > 3 || last == '!' || last == '?' || strings.ContainsAny(line, ":;/") || !isName(line) {
		return false
	}
	for w := range wordsOf(line) {
		var room [32]byte
		if lexicon[string(lowerInto(room[:0], w))] != 0 {
			return false
		}
	}
	return true
}

// greetsOnly says that what stands behind a greeting is no more than a name.
func greetsOnly(rest string) bool {
	for _, w := range strings.Fields(rest) {
		w = strings.Trim(w, ",.!/")
		if w != "" && !unicode.IsUpper(firstRune(w)) && !greeted[strings.ToLower(w)] {
			return false
		}
	}
	return true
}

// hasMatter says that the rest of a pleasantry holds what it is about.
func hasMatter(rest string) bool {
	content := 0
	for w := range wordsOf(rest) {
		if len(w) >= 3 && lexicon[w]&(isStop|isRefer|pointsBack|isLiker) == 0 && !fillers[w] {
			content++
		}
	}
	return content >= 2
}

// isPlaceholders says that nothing is left of a line but what was redacted.
func isPlaceholders(text string) bool {
	if text == "" {
		return false
	}
	for w := range strings.FieldsSeq(text) {
		w = strings.Trim(w, ",.;:|()")
		if len(w) < 3 || w[0] != '[' || w[len(w)-1] != ']' || strings.ToUpper(w) != w {
			return false
		}
	}
	return true
}

// fillers are words of three letters that are no matter of their own.
var fillers = wordSet(`you for the and our quick fast prompt speedy reply answer response help time patience support everything kind lot much lovely nice great day week weekend
	schnelle schnellen antwort rückmeldung hilfe mühe zeit tolle schönes schöne woche tag réponse rapide aide beaucoup bonne journée temps respuesta rápida ayuda todo tiempo everyone forward hearing
	 your this was are all any how had his her out der die das den dem und für sie ihr ihre por los las sus con les des vos pour`)
