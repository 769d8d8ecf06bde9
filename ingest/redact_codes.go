package ingest

import "strings"

// codeWords end the name of a short number that opens something.
var codeWords = []string{"pin", "pin code", "pin-code", "pincode", "otp", "one-time code", "one time code", "verification code", "security code",
	"passcode", "2fa code", "cvv", "cvc", "einmalcode", "sicherheitscode", "bestätigungscode", "code de vérification", "código de verificación"}

// bareCodes are those whose number may follow without a colon.
var bareCodes = []string{"OTP", "PIN", "CVV", "CVC", "passcode"}

// findCodes finds PINs and one-time codes: three to eight digits behind a name that says so.
func findCodes(found []finding, text string) []finding {
	for i := 1; i < len(text); i++ {
		if !isDigit(text[i]) {
			continue
		}
		end := i
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if n := end - i; n >= 3 && n <= 8 && !goesOn(text, end) && namesCode(text[max(0, i-40):i]) {
			found = append(found, finding{SecretKey, i, end, text[i:end]})
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
	for _, w := range bareCodes {
		if rest, ok := strings.CutSuffix(head, w+" "); ok && wordStart(head, len(rest)) {
			return true
		}
	}
	name := strings.TrimRight(head, " ")
	assigned := false
	for _, verb := range []string{":", "=", " is", " ist", " est", " es", " was"} {
		if rest, ok := strings.CutSuffix(name, verb); ok {
			name, assigned = rest, true
			break
		}
	}
	if !assigned || name == "" {
		return false
	}
	name = strings.ToLower(strings.TrimRight(name, " "))
	for _, w := range codeWords {
		if rest, ok := strings.CutSuffix(name, w); ok && wordStart(name, len(rest)) {
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
