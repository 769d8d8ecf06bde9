package words

// AppendStem appends to dst the stem of a lower-case word, so that plurals and tenses meet: "charges", "charged" and
// "charging" all give "charg". It is lighter than Porter's stemmer, which also merges words that mean different things
// ("policy" and "police"). Words with other letters than a to z stay as they are.
func AppendStem(dst, word []byte) []byte {
	for _, c := range word {
		if c < 'a' || c > 'z' {
			return append(dst, word...)
		}
	}
	n := len(word)
	switch {
	case n > 4 && ends(word, "ies"):
		return append(append(dst, word[:n-3]...), 'y')
	case n > 5 && ends(word, "ing"):
		word = word[:n-3]
	case n > 4 && ends(word, "ed"):
		word = word[:n-2]
	case n > 4 && (ends(word, "sses") || ends(word, "xes") || ends(word, "ches") || ends(word, "shes")):
		return append(dst, word[:n-2]...)
	case n > 3 && ends(word, "s") && !ends(word, "ss") && !ends(word, "us") && !ends(word, "is"):
		word = word[:n-1]
	}
	if n = len(word); n > 4 && word[n-1] == word[n-2] && isDoubled(word[n-1]) {
		word = word[:n-1]
	}
	if n = len(word); n > 4 && word[n-1] == 'e' {
		word = word[:n-1]
	}
	return append(dst, word...)
}

// isDoubled tells the consonants that English doubles before -ed and -ing ("stopped").
func isDoubled(c byte) bool {
	switch c {
	case 'b', 'd', 'g', 'm', 'n', 'p', 'r', 't':
		return true
	}
	return false
}

func ends(word []byte, suffix string) bool {
	return len(word) >= len(suffix) && string(word[len(word)-len(suffix):]) == suffix
}
