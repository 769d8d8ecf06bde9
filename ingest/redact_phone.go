package ingest

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// phoneWords and orderWords say what the number behind them is. The nearer one counts.
var (
	phoneWords = []string{"phone", "tel", "call", "mobil", "móvil", "cell", "whatsapp", "ring", "text me", "text us", "fax", "handy", "telefon",
		"téléphone", "portable", "rappel", "appel", "llám", "llam", "sms", "reach me", "reach us", "hotline", "helpline", "freephone", "toll free", "toll-free", "ruf", "erreichbar", "contact",
		"signal", "dial", "landline", "durchwahl"}
	orderWords = []string{"order", "invoice", "inv ", "inv.", "ticket", "ref", "serial", "case", "sku", "track", "job", "bestell", "rechnung",
		"commande", "facture", "pedido", "factura", "build", "version", "isbn", "ean", "kundennummer", "kunden-nr", "customer n", "customer id", "userid", "account n", "account id", "vertrag",
		"contract n", "policy n", "meter", "asset", "part", "po ", "item", "article", "artikel", "id ", "id:", "id=", "sendung", "shipment", "booking", "quote", "batch", "article"}
	vagueWords = []string{"no.", "nr", "#", "number", "n°", "nº"}
)

// ownNumber are the words by which people give their number without saying that it is one of a phone.
var ownNumber = []string{"my number", "our number", "his number", "her number", "their number", "'s number", "number is", "meine nummer", "nummer ist", "mi número", "mon numéro"}

// last gives where the last of the words starts, -1 where none stands there. Those of four letters and less start a word:
// "tel" is no part of "bestellt".
func last(text string, words []string) int {
	at := -1
	for _, w := range words {
		for i := strings.LastIndex(text, w); i > at; i = strings.LastIndex(text[:i], w) {
			if len(w) > 4 || w == "ruf" || !isLetter(w[0]) || i == 0 || !isLetter(text[i-1]) {
				at = i
			}
		}
	}
	return at
}

// namesOrder says that the words before a number make it an order, an invoice, a serial number.
func namesOrder(before string) bool {
	return last(before, orderWords) >= 0 || last(before, vagueWords) >= 0 || strings.HasSuffix(before, " no ") || before == "no "
}

// namesVersion says that the words before a number make it a version.
func namesVersion(before string) bool {
	before = strings.TrimRight(before, " :=(")
	for _, w := range []string{"version", "v", "release", "build", "firmware", "ver", "ver.", "v.", "update", "app", "sdk", "driver", "android",
		"ios", "section", "clause", "chapter", "step", "§", "versión", "versione", "from", "to"} {
		if rest, ok := strings.CutSuffix(before, w); ok && (rest == "" || !isAlnum(rest[len(rest)-1])) {
			return w != "from" && w != "to" || namesVersionVerb(rest)
		}
	}
	return false
}

func namesVersionVerb(before string) bool {
	return strings.Contains(before, "updat") || strings.Contains(before, "upgrad") || strings.Contains(before, "version")
}

func isExtension(tail string) bool {
	return strings.HasPrefix(tail, "x") && len(tail) > 1 && isDigit(tail[1])
}

// phone decides by shape, by the words before it and by the numbering plans. Digits that could as well be an order, a
// price, a date or a quantity stay.
func (w *window) phone() (finding, bool) {
	n := len(w.digits)
	if n > 15 || w.isDate() || w.isDecimal() {
		return finding{}, false
	}
	start, end := w.start, w.end
	plus := w.groups[0].plus
	head := before(w.text, start)
	if plus {
		start = strings.LastIndexByte(w.text[:start], '+')
	}
	if start > 0 && w.text[start-1] == '(' {
		start--
		if !strings.Contains(w.text[start:end], ")") {
			if end < len(w.text) && w.text[end] == ')' {
				end++
			} else {
				start++
			}
		}
	}
	named := false
	if at := last(head, phoneWords); at >= 0 {
		named = last(head, orderWords) < at
	}
	named = named || last(head, ownNumber) >= 0 && last(head, orderWords) < 0
	ordered := !named && namesOrder(head) && !w.groups[0].paren
	value := ""
	switch {
	case plus:
		value = international("+" + w.digits)
	case ordered:
	case strings.HasPrefix(w.digits, "00") && n >= 11 && w.digits[2] != '0':
		parsed, err := phonenumbers.Parse("+"+w.digits[2:], "ZZ")
		if err == nil && (phonenumbers.IsValidNumber(parsed) || len(w.groups) > 2 && w.plain(" ") && phonenumbers.IsPossibleNumber(parsed)) {
			value = "+" + w.digits[2:]
		}
	case w.northAmerican(named):
		value = "+1" + w.digits[n-10:]
	case w.digits[0] == '0' && n >= 9 && n <= 13:
		value = w.national(named)
	case n == 9 && w.digits[0] >= '6' && (w.spanishShape() || named) && w.valid("ES", w.digits):
		value = "+34" + w.digits
	case named && n >= 7 && n <= 12 && w.adjacent(head):
		value = w.digits
	}
	if value == "" {
		return finding{}, false
	}
	return finding{SecretPhone, start, w.extension(end), value}, true
}

// international takes what a numbering plan knows, and what is long enough to be of a plan that it doesn't: the plus
// leaves little else.
func international(number string) string {
	parsed, err := phonenumbers.Parse(number, "ZZ")
	if err == nil && phonenumbers.IsValidNumber(parsed) || len(number) >= 10 {
		return number
	}
	return ""
}

// northAmerican knows (202) 555-0143, 202-555-0143, 202.555.0143, 1-202-555-0143 and, when it is named, the rest.
func (w *window) northAmerican(named bool) bool {
	d := w.digits
	switch w.shape() {
	case 334:
	case 1334:
		if d[0] != '1' {
			return false
		}
		d = d[1:]
	case 9: // one run of ten digits
		return named && len(d) == 10 && plausibleNorthAmerican(d) && w.valid("US", d)
	default:
		return false
	}
	if !plausibleNorthAmerican(d) {
		return false
	}
	return named || w.groups[len(w.groups)-3].paren || strings.ContainsAny(w.seps, "-.") || w.valid("US", d)
}

func plausibleNorthAmerican(d string) bool {
	return d[0] >= '2' && d[3] >= '2' && d[1:3] != "11" && d[4:6] != "11"
}

// europe are the numbering plans with a leading zero that a bare number is tried on.
var europe = []string{"GB", "DE", "FR", "NL", "AT", "CH", "BE", "IT"}

// national reads a number with the leading zero of a trunk prefix. Without separators only what is surely a mobile
// number is one, unless it is named.
func (w *window) national(named bool) string {
	d := w.digits
	if d[1] == '0' {
		return ""
	}
	if len(w.groups) == 1 && !named {
		mobile := len(d) == 11 && strings.HasPrefix(d, "07") || len(d) == 10 && (strings.HasPrefix(d, "06") || strings.HasPrefix(d, "07")) ||
			(len(d) == 11 || len(d) == 12) && (strings.HasPrefix(d, "015") || strings.HasPrefix(d, "016") || strings.HasPrefix(d, "017"))
		if !mobile {
			return ""
		}
	}
	if shape := w.shape(); !named && (shape == 333 || shape == 3333) {
		return "" // a form's or a part's number
	}
	if len(w.groups) > 1 && !named && w.groups[0].end-w.groups[0].start < 2 {
		return "" // "0 1234 ...", "0.5": a quantity
	}
	for _, region := range europe {
		if w.valid(region, d) {
			return d
		}
	}
	if named {
		return d
	}
	return ""
}

// spanishShape knows 612 34 56 78 and 91 123 45 67.
func (w *window) spanishShape() bool {
	shape := w.shape()
	return (shape == 3222 || shape == 2322) && w.plain(" ")
}

// valid asks the numbering plan. A text with more candidates than anyone writes has used up its questions, and then the
// shape alone decides: a message must not hold up the others.
func (w *window) valid(region, digits string) bool {
	if *w.questions <= 0 {
		return true
	}
	*w.questions--
	parsed, err := phonenumbers.Parse(digits, region)
	return err == nil && phonenumbers.IsValidNumberForRegion(parsed, region)
}

// isDecimal knows a number with a decimal point, a price, a coordinate: no more than two groups with a point between.
func (w *window) isDecimal() bool {
	return len(w.groups) == 2 && w.seps == "." || w.seps != "" && strings.Trim(w.seps, ".") == "" && w.thousands()
}

// thousands knows 1.234.567 and 1 234 567: groups of three behind the first.
func (w *window) thousands() bool {
	for _, g := range w.groups[1:] {
		if g.end-g.start != 3 {
			return false
		}
	}
	return true
}

// adjacent says that the word which names a phone number stands right before it: "call 555 0143", not "calls: 2 of 5".
func (w *window) adjacent(head string) bool {
	if strings.Trim(w.seps, " ") == "" && len(w.groups) > 1 && w.thousands() && len(w.digits) != 9 {
		return false
	}
	tail := head[max(0, last(head, phoneWords)):]
	return len(tail) <= 18 && !strings.ContainsAny(tail, "0123456789,;?!")
}

// extension reads on over "ext. 12", "x12" or "Durchwahl 12".
func (w *window) extension(end int) int {
	tail := w.text[end:]
	for _, p := range []string{" ext. ", " ext ", " ext.", " x", "x", ", ext. ", ", ext ", " extension "} {
		rest, ok := strings.CutPrefix(tail, p)
		if !ok {
			continue
		}
		n := 0
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		if n >= 1 && n <= 6 && wordEnd(rest, n) {
			return end + len(p) + n
		}
	}
	return end
}
