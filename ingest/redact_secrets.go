package ingest

import "strings"

// tokenPrefixes are those by which well-known services mark their keys. Behind each stand at least so many letters,
// digits, hyphens and underscores.
var tokenPrefixes = []struct {
	prefix string
	least  int
}{
	{"sk-", 20}, {"sk_live_", 16}, {"sk_test_", 16}, {"rk_live_", 16}, {"rk_test_", 16}, {"pk_live_", 16}, {"pk_test_", 16},
	{"whsec_", 16}, {"ghp_", 30}, {"gho_", 30}, {"ghu_", 30}, {"ghs_", 30}, {"ghr_", 30}, {"github_pat_", 30}, {"glpat-", 18},
	{"xoxb-", 16}, {"xoxa-", 16}, {"xoxp-", 16}, {"xoxr-", 16}, {"xoxs-", 16}, {"xapp-", 16}, {"AKIA", 16}, {"ASIA", 16}, {"AIza", 30},
	{"ya29.", 20}, {"SG.", 30}, {"npm_", 30}, {"dop_v1_", 30}, {"hf_", 28}, {"shpat_", 24}, {"shpss_", 24}, {"eyJ", 40},
	{"pypi-", 30}, {"lin_api_", 20}, {"sq0atp-", 18}, {"sq0csp-", 18}, {"EAAC", 40}, {"key-", 30}, {"dapi", 30}, {"PMAK-", 30}, {"NRAK-", 20},
	{"Basic ", 16}, {"Bearer ", 12}, {"bearer ", 16}, {"BEARER ", 16},
}

// secretNames are the parts of a name that make its value a secret.
var secretNames = []string{"token", "secret", "passw", "passwd", "passphrase", "pwd", "apikey", "api_key", "api-key", "access_key", "accesskey",
	"signature", "session", "jwt", "credential", "private_key", "auth_key", "authkey", "client_key", "kennwort", "contraseña", "contrasena", "mot de passe"}

// secretWords end a name whose value is a secret, in the languages that people write it in.
var secretWords = []string{"password", "passwort", "passwd", "passphrase", "passcode", "pwd", "pass", "pw", "token", "secret", "credential", "kennwort", "contraseña",
	"contrasena", "clave", "mot de passe", "mdp", "senha", "wachtwoord", "hasło", "bearer", "api key", "api_key", "api-key", "apikey", "access key", "access_key", "access-key", "accesskey", "private key",
	"private_key", "secret key", "secret_key", "secretkey", "auth key", "auth_key", "authkey", "client_key"}

// findCredentials finds keys, tokens, passwords, and the parts of URLs that work like one.
func findCredentials(found []finding, text string, c census) []finding {
	if c.dashes >= 2 {
		found = findKeyBlocks(found, text)
	}
	if c.longest >= 15 {
		found = findTokens(found, text)
	}
	if c.scheme {
		found = findURLSecrets(found, text)
	}
	if c.equals > 0 {
		found = findQuerySecrets(found, text)
	}
	if c.colons > 0 {
		found = findUserOptions(found, text)
	}
	if c.assigns {
		found = findAssignments(found, text)
	}
	return found
}

// findAssignments finds what stands behind the name of a secret and a colon, an equals sign, or "is".
func findAssignments(found []finding, text string) []finding {
	for i := 0; i < len(text); i++ {
		width := 0
		switch c := text[i]; {
		case (c == ':' || c == '=') && !strings.HasPrefix(text[i:], "://"):
			width = 1
		case c == ' ':
			for _, verb := range []string{" is ", " ist ", " est ", " es ", " was ", " lautet ", " -> "} {
				if strings.HasPrefix(text[i:], verb) {
					width = len(verb)
					break
				}
			}
			if width == 0 && opensBare(text, i) {
				width = 1
			}
		}
		if width == 0 || !namesSecret(text[:i]) {
			continue
		}
		start := i + width
		for start < len(text) && start-i < width+6 && strings.IndexByte(" \t\"'`", text[start]) >= 0 {
			start++
		}
		end := start
		for end < len(text) && end-start < 256 && text[end] > ' ' && strings.IndexByte("\"'`<>,;", text[end]) < 0 {
			end++
		}
		end = start + len(strings.TrimRight(text[start:end], ".?)]}"))
		if value := text[start:end]; isPassword(value, width > 1) || width == 1 && isPlainPassword(text[:i], value) {
			found = append(found, finding{SecretKey, start, end, value})
		}
		i = max(i, end-1)
	}
	return found
}

// opensBare says that a password may follow the blank at i without a colon: letters and digits behind a word for it.
func opensBare(text string, i int) bool {
	if i < 4 || !isLetter(text[i-1]) || !endsInWord(strings.ToLower(text[max(0, i-13):i]), []string{"password", "passwort", "kennwort", "contraseña", "mot de passe"}) {
		return false
	}
	letters, digits, n := 0, 0, i+1
	for ; n < len(text) && text[n] > ' '; n++ {
		if isDigit(text[n]) {
			digits++
		} else if isLetter(text[n]) {
			letters++
		}
	}
	return digits > 0 && letters > 0 && n-i > 6
}

// namesSecret says that a text ends with the name of a secret.
func namesSecret(head string) bool {
	head = strings.TrimRight(head[max(0, len(head)-24):], " \"'`")
	if head == "" || !isLetter(head[len(head)-1]) {
		return false
	}
	var buf [32]byte
	lower := string(lowerInto(buf[:0], head))
	for _, w := range secretWords {
		rest, ok := strings.CutSuffix(lower, w)
		if ok && (len(w) > 4 || rest == "" || !isLetter(rest[len(rest)-1])) {
			return true
		}
	}
	return false
}

// isPassword tells "password: Hunter2!" from "password: please" and "the password is wrong".
func isPassword(value string, spoken bool) bool {
	if len(value) < 4 || value[0] == '[' {
		return false
	}
	lower, upper, digit, other := 0, 0, 0, 0
	for i := range len(value) {
		switch c := value[i]; {
		case isDigit(c):
			digit++
		case c >= 'A' && c <= 'Z':
			if i > 0 {
				upper++
			}
		case c >= 'a' && c <= 'z' || c >= 0x80:
			lower++
		case c != '-' && c != '.' && c != '/':
			other++
		}
	}
	if spoken && strings.ContainsAny(value, "/:") {
		return false
	}
	if digit > 0 && (lower+upper+other > 0 || len(value) >= 6) || other > 0 && lower+upper > 0 && !spoken {
		return true
	}
	return upper > 0 && lower > 0 && len(value) >= 6
}

// findKeyBlocks finds private keys in PEM, to the end of the text where they have no end of their own.
func findKeyBlocks(found []finding, text string) []finding {
	for at := 0; ; {
		i := strings.Index(text[at:], "-----BEGIN ")
		if i < 0 {
			return found
		}
		start := at + i
		line, _, _ := strings.Cut(text[start+11:min(len(text), start+80)], "\n")
		if !strings.Contains(line, "PRIVATE KEY") {
			at = start + 11
			continue
		}
		end := len(text)
		if j := strings.Index(text[start:], "-----END "); j >= 0 {
			end = start + j + 9
			if k := strings.Index(text[end:], "-----"); k >= 0 && k < 60 {
				end += k + 5
			}
		}
		found = append(found, finding{SecretKey, start, end, text[start:end]})
		at = end
	}
}

func isTokenByte(c byte) bool {
	return isAlnum(c) || c == '_' || c == '-' || c == '.' || c == '+' || c == '/' || c == '='
}

// findTokens looks at the start of every word for the prefix of a service.
func findTokens(found []finding, text string) []finding {
	for i := 0; i < len(text); i++ {
		if !isLetter(text[i]) || i > 0 && isAlnum(text[i-1]) {
			continue
		}
		for _, p := range tokenPrefixes {
			if text[i] != p.prefix[0] || !strings.HasPrefix(text[i:], p.prefix) {
				continue
			}
			start := i
			if p.prefix[len(p.prefix)-1] == ' ' {
				start += len(p.prefix)
			}
			end := i + len(p.prefix)
			for end < len(text) && isTokenByte(text[end]) {
				end++
			}
			for end > start && (text[end-1] == '.' || text[end-1] == '/') {
				end--
			}
			if end-i-len(p.prefix) >= p.least && hasDigit(text[start:end]) {
				found = append(found, finding{SecretKey, start, end, text[start:end]})
				i = end - 1
				break
			}
		}
	}
	return found
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// findURLSecrets finds user:password@ and path segments that are as long and random as a capability: reset links, links
// that were shared.
func findURLSecrets(found []finding, text string) []finding {
	for at := 0; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return found
		}
		start := at + i + 3
		end := start
		for end < len(text) && text[end] > ' ' && strings.IndexByte("<>\"'`", text[end]) < 0 {
			end++
		}
		at = end
		host, path := text[start:end], ""
		pathAt := end
		if j := strings.IndexAny(host, "/?#"); j >= 0 {
			host, path, pathAt = host[:j], host[j:], start+j
		}
		if j := strings.LastIndexByte(host, '@'); j > 0 && strings.Contains(host[:j], ":") {
			found = append(found, finding{SecretKey, start, start + j, host[:j]})
		}
		path, _, _ = strings.Cut(path, "?")
		for path != "" {
			segment := path
			if j := strings.IndexAny(path[1:], "/#"); j >= 0 {
				segment = path[:j+1]
			}
			if s := segment[1:]; isCapability(s) {
				found = append(found, finding{SecretKey, pathAt + 1, pathAt + len(segment), s})
			}
			path, pathAt = path[len(segment):], pathAt+len(segment)
		}
	}
}

// isCapability says that a path segment is long and looks drawn at random. A UUID and a slug of words don't.
func isCapability(s string) bool {
	if len(s) < 24 || len(s) > 1024 {
		return false
	}
	lower, upper, digit, hyphens := 0, 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digit++
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= 'a' && c <= 'z':
			lower++
		case c == '-':
			hyphens++
		case c != '_' && c != '=':
			return false
		}
	}
	if hyphens >= 3 || digit < 3 || digit == len(s) {
		return false
	}
	return lower >= 3 && upper >= 3 || len(s) >= 32 && lower+upper >= 3
}

// findQuerySecrets finds the values of parameters whose name says what they are: ?token=..., &sig=...
func findQuerySecrets(found []finding, text string) []finding {
	for i := 0; i < len(text); i++ {
		if text[i] != '=' {
			continue
		}
		from := i
		for from > 0 && i-from < 40 && (isAlnum(text[from-1]) || text[from-1] == '_' || text[from-1] == '-') {
			from--
		}
		end := i + 1
		for end < len(text) && text[end] > ' ' && strings.IndexByte("&#;,<>\"'`)", text[end]) < 0 {
			end++
		}
		inURL := from > 0 && (text[from-1] == '?' || text[from-1] == '&' || text[from-1] == '#')
		value := text[i+1 : end]
		if isSecretParameter(strings.ToLower(text[from:i]), value, inURL) {
			found = append(found, finding{SecretKey, i + 1, end, value})
		}
		i = max(i, end-1)
	}
	return found
}

func isSecretParameter(name, value string, inURL bool) bool {
	if len(value) < 4 || value[0] == '[' || value == "true" || value == "false" || value == "null" {
		return false
	}
	for _, w := range secretNames {
		if strings.Contains(name, w) {
			return inURL || hasDigit(value) || len(value) >= 12
		}
	}
	switch name {
	case "sig", "sid", "pass", "pw", "auth", "otp", "ticket", "sessionid", "phpsessid", "x-amz-security-token":
		return inURL || hasDigit(value)
	case "key", "code", "k", "t", "hash", "hmac", "nonce", "state":
		return inURL && len(value) >= 10 && hasDigit(value)
	}
	return false
}
