package ingest

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// obfuscated knows addresses that were written for people: jane (at) example.com, jane at example dot com.
var obfuscated = regexp.MustCompile(`(?i)[a-z0-9][a-z0-9._%+-]{0,63} ?(?:[\[({] ?(?:at|ät|arroba) ?[\])}]|@) ?[a-z0-9-]{1,63}(?:(?: ?[\[({] ?(?:dot|punkt|punto|point) ?[\])}] ?| dot |\.)[a-z0-9-]{2,63}){1,4}` +
	`|[a-z0-9][a-z0-9._%+-]{1,63} at [a-z0-9-]{1,63}(?: dot [a-z0-9-]{2,63}){1,4}`)

// files are endings that look like a domain's and are none: icon@2x.png.
var files = map[string]bool{"png": true, "jpg": true, "jpeg": true, "gif": true, "svg": true, "webp": true, "pdf": true,
	"css": true, "js": true, "ico": true, "heic": true}

func mayObfuscate(text string) bool {
	for _, mark := range []string{"at)", "at]", "at}", "at )", "at ]", "arroba", "dot", "DOT", "AT)", "AT]", "ät)", "ät]"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

func findEmails(found []finding, text string, c census) []finding {
	if c.brackets && mayObfuscate(text) {
		for _, m := range obfuscated.FindAllStringIndex(text, -1) {
			found = append(found, finding{SecretEmail, m[0], m[1], strings.ToLower(text[m[0]:m[1]])})
		}
	}
	from := 0 // an address doesn't reach back into the one before
	for i := 0; i < len(text); i++ {
		width := 1
		switch {
		case text[i] == '@':
		case text[i] == '%' && c.percent40 && strings.HasPrefix(text[i:], "%40"):
			width = 3
		default:
			continue
		}
		start := localStart(text, from, i)
		end := domainEnd(text, i+width)
		if start == i || end == 0 {
			continue
		}
		value := strings.ToLower(text[start:i] + "@" + text[i+width:end])
		found = append(found, finding{SecretEmail, start, end, value})
		from, i = end, end-1
	}
	return found
}

// localStart gives where the part before the @ at i begins; i where there is none.
func localStart(text string, from, i int) int {
	start := i
	for start > from && i-start < 96 {
		c := text[start-1]
		if !isAlnum(c) && strings.IndexByte("._%+-'&~#$*^", c) < 0 && c < utf8.RuneSelf {
			break
		}
		start--
	}
	for start < i && !utf8.RuneStart(text[start]) {
		start++
	}
	for start < i {
		r, size := utf8.DecodeRuneInString(text[start:i])
		if r < utf8.RuneSelf && !isAlnum(byte(r)) && r != '_' || r >= 0x2000 && r < 0x2e80 || r >= 0x3000 && r < 0x3040 || r >= 0x1f000 {
			start += size
			continue
		}
		break
	}
	if strings.HasPrefix(text[start:i], "3A") && start > 0 && text[start-1] == '%' {
		start += 2 // mailto%3A
	}
	return start
}

// domainEnd gives the end of the domain that starts at from; 0 where there is none with a top level of letters.
func domainEnd(text string, from int) int {
	end := from
	for end < len(text) && end-from < 254 {
		c := text[end]
		if c < utf8.RuneSelf {
			if !isAlnum(c) && c != '.' && c != '-' {
				break
			}
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[end:])
		if r < 0xc0 || r >= 0x2000 && r < 0x2e80 || r >= 0x3000 && r < 0x3040 || r >= 0x1f000 || r == utf8.RuneError {
			break
		}
		end += size
	}
	domain := strings.TrimRight(text[from:end], ".-")
	if i := strings.Index(domain, ".."); i >= 0 {
		domain = domain[:i]
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot <= 0 || domain[0] == '-' {
		return 0
	}
	top := domain[dot+1:]
	if !strings.HasPrefix(top, "xn--") {
		for i := 0; i < len(top); i++ {
			if isDigit(top[i]) || top[i] == '-' {
				return 0
			}
		}
	}
	if len(top) < 2 || len(top) > 63 || files[strings.ToLower(top)] {
		return 0
	}
	return from + len(domain)
}
