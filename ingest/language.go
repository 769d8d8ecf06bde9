package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// profiles are words that are frequent in one language. A word that two of them share counts for both.
var profiles = []struct{ language, words string }{
	{"en", "the and is to of in it for that you not with on this are be have was at they from we can my our your has when there would which what their will an as or by if but do does don't it's i'm can't after every please them need just no been how get still than all app only"},
	{"de", "der die das und ist nicht ich wir mit ein eine einen einem den dem zu von für auf es im sich auch bei wenn wird werden sie sind haben hat aber oder noch nach wie kann nur uns dass man schon seit mehr bitte immer keine kein zum zur vom über unsere mein beim habe leider geht war gibt"},
	{"es", "el la los las de que y en un una por con para no se es lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde nos nuestro nuestra desde todo nada está son del al ha he si cada puede podemos cuando tenemos gracias qué funciona tiene hacer"},
	{"fr", "le la les de des du et est un une que qui dans pour pas ne sur avec au aux ce il elle nous vous je on plus par sont mais ou se sa son cette nos notre votre être avoir fait ça c'est n'est j'ai depuis très tout quand sans même leur ont peut y en chaque mes mon ma l'application bien trop"},
	{"pt", "o os as de que e do da em um uma para com não por mais dos das se na no como mas ao ele foi à seu sua ou ser quando muito já também só pelo pela até isso ela entre depois sem mesmo aos ter seus minha meu nosso você está são eu tem nos aplicativo obrigado isto estou funciona"},
	{"it", "il lo la i gli le di che e un una per con non è si da in del della dei delle al alla sono come più ma anche se ci questo questa quando molto nel nella ho hanno mio mia nostro ogni dopo sempre solo tutto perché essere fare può l'app dal abbiamo viene stato grazie senza dove"},
	{"nl", "de het een en van is niet dat in op te voor met zijn ik we aan er die maar ook als bij of wel nog naar om dan wordt worden kan hebben heeft geen wij ons onze je mijn deze dit over uit meer door al moet zo wat veel na steeds altijd graag niks werkt uur sinds"},
	{"pl", "w i na z nie się do jest to że o jak za od po ale co dla ma są przez czy tylko przy być już tak mi mnie nas nam jego jej które który która gdy można bardzo też jeszcze kiedy ten tego tej aplikacja po każdy proszę działa bez może mam ze"},
}

// tells are letters that point to one of the profiles, by their index.
var tells = map[rune]int{
	'ß': 1, 'ä': 1, 'ö': 1, 'ü': 1,
	'ñ': 2, '¿': 2, '¡': 2,
	'ç': 3, 'œ': 3, 'ê': 3, 'è': 3, 'û': 3, 'î': 3, 'ë': 3,
	'ã': 4, 'õ': 4,
	'ł': 7, 'ą': 7, 'ę': 7, 'ś': 7, 'ż': 7, 'ź': 7, 'ć': 7, 'ń': 7,
}

var profileOf = func() map[string]uint8 {
	m := map[string]uint8{}
	for i, p := range profiles {
		for w := range strings.FieldsSeq(p.words) {
			m[w] |= 1 << i
		}
	}
	return m
}()

// Language guesses the language of a text from its script and its frequent words: en, de, es, fr, pt, it, nl, pl, or by
// script alone ru, uk, el, he, ar, zh, ja, ko, th, hi. It is "" where the text is too short or too mixed to tell.
func Language(text string) string {
	const enough = 4096 // bytes: more of a text tells no more
	if len(text) > enough {
		text = text[:enough]
	}
	if script := scriptLanguage(text); script != "" {
		return script
	}
	var scores [8]float64
	var lower [24]byte
	start := -1
	for i := 0; i <= len(text); {
		r, size := rune(' '), 1
		if i < len(text) {
			if r = rune(text[i]); r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
			}
		}
		if isWordRune(r) {
			if start < 0 {
				start = i
			}
			if at, ok := tells[unicode.ToLower(r)]; ok && r >= utf8.RuneSelf {
				scores[at] += 0.5
			}
		} else {
			if start >= 0 && i-start <= len(lower) {
				count(&scores, lowerInto(lower[:0], text[start:i]))
			}
			start = -1
			if at, ok := tells[r]; ok && r >= utf8.RuneSelf {
				scores[at]++
			}
		}
		i += size
	}
	best, second := 0, -1
	for i := 1; i < len(scores); i++ {
		if scores[i] > scores[best] {
			best, second = i, best
		} else if second < 0 || scores[i] > scores[second] {
			second = i
		}
	}
	if scores[best] < 2 || scores[best] < 1.25*scores[second] {
		return ""
	}
	return profiles[best].language
}

func count(scores *[8]float64, word []byte) {
	mask := profileOf[string(word)]
	if mask == 0 {
		return
	}
	shared := 0
	for m := mask; m != 0; m &= m - 1 {
		shared++
	}
	weight := 1 / float64(shared)
	if len(word) == 1 {
		weight /= 2
	}
	for i := range scores {
		if mask&(1<<i) != 0 {
			scores[i] += weight
		}
	}
}

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '\'' || r == '’' || r >= 0xc0 && unicode.IsLetter(r)
}

// lowerInto appends a word in lower case; a curly apostrophe becomes a straight one.
func lowerInto(buf []byte, word string) []byte {
	for i := 0; i < len(word); i++ {
		c := word[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			buf = append(buf, c)
			continue
		}
		r, size := utf8.DecodeRuneInString(word[i:])
		if r == '’' {
			r = '\''
		}
		buf = utf8.AppendRune(buf, unicode.ToLower(r))
		i += size - 1
	}
	return buf
}

// scriptLanguage decides by the script where it leaves little choice.
func scriptLanguage(text string) string {
	var latin, cyrillic, ukrainian, greek, hebrew, arabic, han, kana, hangul, thai, hindi int
	for _, r := range text {
		switch {
		case r < 0x370:
			if r >= 'A' {
				latin++
			}
		case r < 0x400:
			greek++
		case r < 0x530:
			cyrillic++
			if strings.ContainsRune("іїєґІЇЄҐ", r) {
				ukrainian++
			}
		case r >= 0x590 && r < 0x600:
			hebrew++
		case r >= 0x600 && r < 0x780:
			arabic++
		case r >= 0x900 && r < 0x980:
			hindi++
		case r >= 0xe00 && r < 0xe80:
			thai++
		case r >= 0x3040 && r < 0x3100:
			kana++
		case r >= 0x4e00 && r < 0xa000:
			han++
		case r >= 0xac00 && r < 0xd7b0:
			hangul++
		}
	}
	most := max(cyrillic, greek, hebrew, arabic, hindi, thai, han+kana, hangul)
	if most < 2 || most*3 < latin { // one such letter says more than one Latin one
		return ""
	}
	switch most {
	case cyrillic:
		if ukrainian > 0 {
			return "uk"
		}
		return "ru"
	case greek:
		return "el"
	case hebrew:
		return "he"
	case arabic:
		return "ar"
	case hindi:
		return "hi"
	case thai:
		return "th"
	case hangul:
		return "ko"
	}
	if kana > 0 {
		return "ja"
	}
	return "zh"
}

// languageTag gives a BCP 47 tag in its usual case, or "" for what is none.
func languageTag(s string) string {
	parts := strings.Split(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"), "-")
	for i, p := range parts {
		if len(p) == 0 || len(p) > 8 || strings.IndexFunc(p, func(r rune) bool { return r > 'z' || !isAlnum(byte(r)) }) >= 0 {
			return ""
		}
		switch {
		case i == 0:
			if len(p) < 2 || len(p) > 3 {
				return ""
			}
			parts[i] = strings.ToLower(p)
		case len(p) == 2:
			parts[i] = strings.ToUpper(p)
		case len(p) == 4:
			parts[i] = strings.ToUpper(p[:1]) + strings.ToLower(p[1:])
		default:
			parts[i] = strings.ToLower(p)
		}
	}
	return strings.Join(parts, "-")
}
