package words

// latin1 and latinA hold the base letters of U+00C0 to U+00FF and U+0100 to U+017F, with '.' where there is none.
const (
	latin1 = "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
	latinA = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllllllllnnnnnn...oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
)

// appendFolded appends a letter without its diacritic, lower case, when it is a Latin one, and reports whether it was: the
// pretrained words have none, and people often leave them out.
func appendFolded(dst []byte, r rune) ([]byte, bool) {
	switch r {
	case 'ß':
		return append(dst, "ss"...), true
	case 'Æ', 'æ':
		return append(dst, "ae"...), true
	case 'Œ', 'œ':
		return append(dst, "oe"...), true
	case 'Þ', 'þ':
		return append(dst, "th"...), true
	}
	base := byte('.')
	switch {
	case r >= 0xC0 && r <= 0xFF:
		base = latin1[r-0xC0]
	case r >= 0x100 && r <= 0x17F:
		base = latinA[r-0x100]
	}
	if base == '.' {
		return dst, false
	}
	return append(dst, base), true
}
