package ingest

import "strings"

// luhn is the check of payment cards (ISO/IEC 7812-1, annex B). The digits have no separators.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// isCard says that the digits have the prefix and length of a card scheme in use, and the right check digit.
func isCard(digits string) bool {
	n := len(digits)
	if n < 13 || n > 19 || strings.Count(digits, digits[:1]) == n {
		return false
	}
	two, four := number(digits[:2]), number(digits[:4])
	three, six := four/10, number(digits[:6])
	var fits bool
	switch {
	case digits[0] == '4':
		fits = n == 13 || n == 16 || n == 19
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720:
		fits = n == 16
	case two == 34, two == 37:
		fits = n == 15
	case four == 6011, two == 65, three >= 644 && three <= 649, six >= 622126 && six <= 622925, two == 62:
		fits = n >= 16
	case four >= 3528 && four <= 3589:
		fits = n >= 16
	case two == 36, two == 38, two == 39, three >= 300 && three <= 305:
		fits = n == 14 || n == 16
	case two == 50, two >= 56 && two <= 58, two == 67, two == 63:
		fits = n >= 16 // Maestro
	}
	return fits && luhn(digits)
}

func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// ibanLengths are those of the SWIFT IBAN registry.
var ibanLengths = map[string]int{"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
	"BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20,
	"EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
	"HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
	"LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31,
	"MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
	"RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23,
	"TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30}

// iban reads an IBAN that starts at i: the length of its country, and 1 modulo 97 (ISO 13616). It gives its end and its
// electronic form; 0 where there is none.
func iban(text string, i int) (int, string) {
	if i+15 > len(text) || !isDigit(text[i+2]) && text[i+2] != ' ' {
		return 0, ""
	}
	length := ibanLengths[strings.ToUpper(text[i:i+2])]
	if length == 0 {
		return 0, ""
	}
	var b [34]byte
	n := 0
	end := i
	for j := i; j < len(text) && n < length; j++ {
		c := text[j]
		switch {
		case isDigit(c):
			b[n] = c
		case isLetter(c) && n != 2 && n != 3:
			b[n] = c &^ 0x20
		case (c == ' ' || c == '-' || c == '.') && text[j-1] != c:
			continue
		default:
			return 0, ""
		}
		n++
		end = j + 1
	}
	if n < length || !wordEnd(text, end) {
		return 0, ""
	}
	rest := 0
	for k := range length {
		c := b[(k+4)%length]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	if rest != 1 {
		return 0, ""
	}
	return end, string(b[:length])
}

// isSSN leaves out the area, group and serial numbers that the US Social Security Administration never gave.
func isSSN(digits string) bool {
	return len(digits) == 9 && digits[:3] != "000" && digits[:3] != "666" && digits[0] != '9' && digits[3:5] != "00" && digits[5:] != "0000"
}

// isITIN knows the numbers that the US Internal Revenue Service gives to persons without a social security number: 9 and
// the groups in use, 50 to 65, 70 to 88, 90 to 92 and 94 to 99.
func isITIN(digits string) bool {
	if len(digits) != 9 || digits[0] != '9' || digits[5:] == "0000" {
		return false
	}
	group := number(digits[3:5])
	return group >= 50 && group <= 65 || group >= 70 && group <= 88 || group >= 90 && group <= 99 && group != 93
}

// isNHS checks the ten digits of the UK's health service: weights from 10 down to 2, and a check digit modulo 11.
func isNHS(digits string) bool {
	if len(digits) != 10 || strings.Count(digits, digits[:1]) == 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (10 - i)
	}
	return (11-sum%11)%11 == int(digits[9]-'0')
}

// isIDCard checks the number of a German identity card or passport: nine characters without vowels and their like, the
// first a letter, and, where there are ten, a check digit with the weights 7, 3, 1 (ICAO 9303).
func isIDCard(s string) bool {
	if len(s) < 9 || len(s) > 10 || strings.IndexByte("CFGHJKLMNPRTVWXYZ", s[0]) < 0 {
		return false
	}
	sum, digits := 0, 0
	for i := range 9 {
		switch c := s[i]; {
		case isDigit(c):
			digits++
			sum += int(c-'0') * [3]int{7, 3, 1}[i%3]
		case strings.IndexByte("CFGHJKLMNPRTVWXYZ", c) >= 0:
			sum += int(c-'A'+10) * [3]int{7, 3, 1}[i%3]
		default:
			return false
		}
	}
	return digits >= 2 && (len(s) == 9 || int(s[9]-'0') == sum%10)
}

// isSteuerID checks the German tax number for persons: 11 digits, none leading zero, of the first ten one digit twice or
// thrice and the others once at most, and the check digit of ISO 7064, MOD 11,10.
func isSteuerID(digits string) bool {
	if len(digits) != 11 || digits[0] == '0' {
		return false
	}
	var seen [10]int
	for i := range 10 {
		seen[digits[i]-'0']++
	}
	repeated := 0
	for _, n := range seen {
		if n > 3 {
			return false
		}
		if n > 1 {
			repeated++
		}
	}
	if repeated != 1 {
		return false
	}
	product := 10
	for i := range 10 {
		sum := (int(digits[i]-'0') + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	return (11-product)%10 == int(digits[10]-'0')
}

// isNIR checks the French social security number: sex, month, and a key of 97 less the rest modulo 97. Corsica's
// departments are written 2A and 2B, and count as 19 and 18.
func isNIR(s string) bool {
	if len(s) != 15 || s[0] != '1' && s[0] != '2' {
		return false
	}
	head := []byte(s[:13])
	switch s[5:7] {
	case "2A":
		copy(head[5:7], "19")
	case "2B":
		copy(head[5:7], "18")
	}
	n := 0
	for _, c := range head {
		if !isDigit(c) {
			return false
		}
		n = (n*10 + int(c-'0')) % 97
	}
	month := number(string(head[3:5]))
	if month < 1 || month > 12 && month < 20 || month > 42 && month < 50 {
		return false
	}
	return isDigit(s[13]) && isDigit(s[14]) && 97-n == number(s[13:])
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// isDNI checks the Spanish DNI, eight digits and a letter, and NIE, which has X, Y or Z for the first digit.
func isDNI(s string) bool {
	if len(s) != 9 {
		return false
	}
	digits := []byte(s[:8])
	switch s[0] &^ 0x20 {
	case 'X', 'Y', 'Z':
		digits[0] = '0' + s[0]&^0x20 - 'X'
	}
	for _, c := range digits {
		if !isDigit(c) {
			return false
		}
	}
	return dniLetters[number(string(digits))%23] == s[8]&^0x20
}

// isNINO checks the UK national insurance number: two letters out of those in use, six digits, A to D.
func isNINO(s string) bool {
	if len(s) != 9 || strings.IndexByte("DFIQUV", s[0]) >= 0 || strings.IndexByte("DFIQUVO", s[1]) >= 0 {
		return false
	}
	switch s[:2] {
	case "BG", "GB", "NK", "KN", "TN", "NT", "ZZ":
		return false
	}
	for i := range 9 {
		switch {
		case i < 2 && (s[i] < 'A' || s[i] > 'Z'), i >= 2 && i < 8 && !isDigit(s[i]), i == 8 && (s[i] < 'A' || s[i] > 'D'):
			return false
		}
	}
	return true
}
