package ingest

import "strings"

// codeWords end the name of a short number that opens something.
var codeWords = []string{"pin", "pin code", "pin-code", "pincode", "otp", "one-time code", "one time code", "verification code", "security code",
	"passcode", "2fa code", "cvv", "cvc", "einmalcode", "sicherheitscode", "bestätigungscode", "code de vérification", "código de verificación"}

// bareWords end a name whose value may follow without a colon. A pin in lower case is one on a map, and a pin code a place.
var bareWords = []string{"OTP", "PIN", "CVV", "CVC", "otp", "cvv", "cvc", "passcode", "one-time code", "verification code", "security code",
	"einmalcode", "sicherheitscode", "bestätigungscode", "Einmalcode", "Sicherheitscode", "Bestätigungscode"}

// idCardWords say that what follows is the number of an identity card or a passport.
var idCardWords = []string{"ausweis", "perso-", "perso ", "perso:", "identity card", "id card", "reisepass", "passport", "pass-n"}

// findCodes looks at the words that hold digits: PINs and one-time codes, three to eight digits behind a name that says
// so; and the numbers of identity cards.
func findCodes(found []finding, text string) []finding {
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) {
			continue
		}
		start, end := i, i
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if n := end - i; i > 0 && n >= 3 && n <= 8 && !goesOn(text, end) && namesCode(text[max(0, i-40):i]) {
			found = append(found, finding{SecretKey, i, end, text[i:end]})
			i = end
			continue
		}
		for start > 0 && isAlnum(text[start-1]) {
			start--
		}
		for end < len(text) && isAlnum(text[end]) {
			end++
		}
		if isIDCard(text[start:end]) && last(far(text, start), idCardWords) >= 0 {
			found = append(found, finding{SecretNational, start, end, text[start:end]})
		}
		i = end
	}
	return found
}

// goesOn says that a number or a word does at i.
func goesOn(text string, i int) bool {
	return !wordEnd(text, i) || i+1 < len(text) && strings.IndexByte(".,:-/", text[i]) >= 0 && isDigit(text[i+1])
}

// namesCode says that a text ends with the name of a code, and with a colon, an equals sign or "is" where it needs one.
func namesCode(head string) bool {
	name := strings.TrimRight(head, " ")
	if name != head && endsInWord(name, bareWords) {
		return true
	}
	for _, verb := range []string{":", "=", " is", " ist", " est", " es", " was", " lautet"} {
		if rest, ok := strings.CutSuffix(name, verb); ok {
			return endsInWord(strings.ToLower(strings.TrimRight(rest, " ")), codeWords)
		}
	}
	return false
}

// endsInWord says that a text ends with one of the words, and that it is a word of its own there.
func endsInWord(text string, words []string) bool {
	for _, w := range words {
		if rest, ok := strings.CutSuffix(text, w); ok && wordStart(text, len(rest)) {
			return true
		}
	}
	return false
}

// userNames say whose password it is that follows.
var userNames = []string{"user", "login", "username", "usuario", "benutzer", "identifiant", "utilisateur", "account:", "email", "e-mail"}

// isPlainPassword knows a password of letters alone by the user's name before it: "login: jane password: sunflower".
func isPlainPassword(head, value string) bool {
	if len(value) < 4 {
		return false
	}
	for i := range len(value) {
		if value[i] < 'a' || value[i] > 'z' {
			return false
		}
	}
	switch value {
	case "wrong", "incorrect", "invalid", "required", "reset", "please", "must", "field", "missing", "falsch", "vergessen", "expired", "same",
		"forgotten", "unknown", "none", "empty", "what", "this", "that", "which", "when", "change", "link", "cannot", "does", "should":
		return false
	}
	line := head[max(0, len(head)-64):]
	line = strings.ToLower(line[strings.LastIndexByte(line, '\n')+1:])
	at := last(line, userNames)
	return at >= 0 && len(line)-at > 8
}

// findUserOptions finds the password in curl -u name:password.
func findUserOptions(found []finding, text string) []finding {
	for _, option := range []string{" -u ", " --user "} {
		for at := 0; ; {
			i := strings.Index(text[at:], option)
			if i < 0 {
				break
			}
			start := at + i + len(option)
			end := start
			for end < len(text) && text[end] > ' ' {
				end++
			}
			at = end
			if j := strings.IndexByte(text[start:end], ':'); j > 0 && end-start-j > 4 {
				found = append(found, finding{SecretKey, start + j + 1, end, text[start+j+1 : end]})
			}
		}
	}
	return found
}
