package classify

// emoticon returns the length of the emoticon with which s begins, or 0.
func emoticon(s string) int {
	if len(s) < 2 {
		return 0
	}
	if s[0] == '<' {
		switch {
		case s[1] == '3':
			return 2
		case len(s) > 2 && s[:3] == "</3":
			return 3
		}
		return 0
	}
	if s[0] != ':' && s[0] != ';' && s[0] != '=' {
		return 0
	}
	n := 1
	if s[n] == '-' || s[n] == '\'' {
		n++
	}
	if n >= len(s) {
		return 0
	}
	switch s[n] {
	case ')', '(', 'D', 'P', '/', '|':
		if s[n] == '/' && n+1 < len(s) && s[n+1] == '/' {
			return 0
		}
		if (s[n] == 'D' || s[n] == 'P') && n+1 < len(s) && isLetterOrDigit(s[n+1]) {
			return 0
		}
		return n + 1
	}
	return 0
}

// linkLength returns the length of the link with which s begins, or 0.
func linkLength(s string) int {
	if len(s) < 5 || !(s[:4] == "http" || s[:4] == "www.") {
		return 0
	}
	if s[:4] == "http" && !(s[4] == ':' || s[4] == 's' && len(s) > 5 && s[5] == ':') {
		return 0
	}
	return skipWord(s, 0)
}

func skipWord(s string, i int) int {
	for i < len(s) && s[i] > ' ' {
		i++
	}
	return i
}
