package ingest

import (
	"slices"
	"strings"
	"unicode"
)

// Verdict says whether a message is spam, and by which rules.
type Verdict struct {
	Spam    bool
	Reasons []string // the rules that spoke for it, in words
}

const autoReply = "is an automatic reply"

// A rule speaks for spam when one of its phrases starts at a word of the message. Three points make spam. Wordings that
// only a solicitation has weigh three; the topics of such mail weigh one, for a bank's customers write of beneficiaries,
// a casino's of slots, and a marketer's of backlinks. The rules are conservative: a customer who is taken for spam is worse
// than spam that is kept.
var spamRules = []struct {
	reason  string
	weight  int
	phrases []string
}{
	{"solicits for search ranking or links", 3, []string{"seo expert", "seo service", "seo package", "dofollow", "do-follow", "rank #1", "rank your website", "first page of google", "page one of google",
		"search engine registration", "visitors to your website", "good rankings", "buy backlinks", "cheap backlinks"}},
	{"solicits for gambling", 3, []string{"slot gacor", "slot bonus", "maxwin", "judi online", "togel", "no deposit bonus", "free spins no deposit"}},
	{"promises money", 3, []string{"next of kin", "dear beneficiary", "trade bitcoin for me", "double your bitcoin", "forex signals", "gold signals", "guaranteed profit", "connect wallet",
		"claim your prize", "phone number won", "won iphone", "strictly confidential", "urgent loan", "no credit check", "work from home and earn", "make money online", "earn money online", "passive income for"}},
	{"sells fakes, followers or accounts", 3, []string{"buy verified accounts", "buy followers", "followers 1000", "replica watch", "cheap viagra", "essay writing service", "buy instagram"}},
	{"offers charms or company", 3, []string{"spell caster", "hot singles", "love spell", "cure herpes", "xxx video"}},
	{"offers free downloads", 2, []string{"download movies free", "free movies", "movies free", "crack download", "keygen", "free coin", "mod apk"}},
	{"offers services or goods to a stranger", 2, []string{"app development company", "web development company", "mobile apps and web development", "we are manufacturer", "we are a manufacturer", "we are leading", "moq ", "best price fob", "factory direct",
		"dear purchasing manager", "dear website owner", "dear webmaster", "outsourcing company", "dedicated team of"}},
	{"is about what spam is about", 1, []string{"casino", "betting", "free spin", "bitcoin", "crypto", "airdrop", "0.5 btc", "forex", "lottery", "loan", "viagra", "cialis", "backlink", "guest post", "replica", "followers", "inheritance", "passive income", "business proposal", "cash out"}},
	{"asks for a contact outside", 1, []string{"telegram", "whatsapp", "skype", "contact him on", "contact her on", "dm me", "click here", "click profile", "reply urgently", "kindly reply with", "share with me your", "visit my profile", "text me on"}},
	{"makes an offer", 1, []string{"affordable price", "best price", "price list", "limited offer", "act immediately", "act now", "100% unique", "per placement", "free shipping", "apply now", "register today", "register now", "sign up bonus", "final notice", "process payment",
		"hurry up", "only first", "win rate", "lifetime deal", "any country", "all countries", "send shipping fee", "may i send you", "shall i send", "if not interested", "happy clients"}},
	{autoReply, 3, []string{"i am out of the office", "i'm out of the office", "i am currently out of office", "i am currently out of the office", "i'm currently out of the office", "out of office until", "automatic reply:", "auto-reply:", "autoreply:", "this is an automated", "this is an automatic reply", "this mailbox is not monitored",
		"delivery status notification", "mail delivery failed", "undeliverable:", "abwesenheitsnotiz", "automatische antwort:", "ich bin derzeit nicht im büro", "ich bin bis zum", "réponse automatique", "je suis absent", "actuellement absent", "respuesta automática", "estoy fuera de la oficina",
		"i am on annual leave", "i'm on annual leave", "i am on vacation until", "i'm on vacation until", "i am on parental leave", "ich bin im urlaub", "estoy de vacaciones hasta", "je suis en congé",
		"delivery has failed to these recipients", "mail delivery subsystem", "returned mail:", "unzustellbar:", "message non remis", "mensaje no entregado",
		"we have received your request", "we've received your request", "your ticket has been created", "a new ticket has been created", "ticket has been received", "thank you for contacting our support", "thanks for contacting our support", "please type your reply above this line",
		"wir haben ihre anfrage erhalten", "ihre anfrage ist bei uns eingegangen", "ihre anfrage wurde", "nous avons bien reçu votre demande", "votre demande a bien été", "hemos recibido su solicitud", "hemos recibido tu solicitud", "su solicitud ha sido recibida"}},
}

// spamIndex holds the rules' phrases by their first four bytes, so that one walk over the words finds them all.
var spamIndex = func() map[string][]spamPhrase {
	m := map[string][]spamPhrase{}
	for i, rule := range spamRules {
		for _, p := range rule.phrases {
			m[p[:4]] = append(m[p[:4]], spamPhrase{p, i})
		}
	}
	for _, p := range aboutProduct {
		m[p[:4]] = append(m[p[:4]], spamPhrase{p, -1})
	}
	return m
}()

type spamPhrase struct {
	text string
	rule int // -1 for what is about the product
}

// aboutProduct tell that a message which names spam is about it, or about the product all the same.
var aboutProduct = []string{"crash", "bugs", "bug ", "error", "the app", "your app", "this app", "feature", "screen", "button", "invoice", "account settings", "dashboard", "export", "login", "log in", "sync", "update", "version", "ticket", "subscription",
	"spam filter", "we receive spam", "notification", "calendar", "report", "schedule", "customers", "our team", "we use", "why ", "can't", "cannot", "couldn't",
	"doesn't", "didn't", "not working", "how do i", "how can i", "is there a", "my account", "my card", "my transfer", "charged me"}

// maxSpam is the length in bytes beyond which nothing is taken for spam: people who write so much mean it.
const maxSpam = 1500

// DetectSpam judges a cleaned message by its words: offers of search ranking, gambling, money and goods, nonsense typed
// on a keyboard, and automatic replies. It errs on the side of the customer.
func DetectSpam(title, body string) Verdict {
	if len(body) > maxSpam {
		return Verdict{}
	}
	text := strings.ToLower(title + "\n" + body)
	var v Verdict
	score := 0
	spoke := make([]bool, len(spamRules))
	product := false
	for i := 0; i+4 <= len(text); i++ {
		if i > 0 && (isAlnum(text[i-1]) || text[i-1] >= 0x80) {
			continue
		}
		for _, p := range spamIndex[text[i:i+4]] {
			if !strings.HasPrefix(text[i:], p.text) {
				continue
			}
			if p.rule < 0 {
				product = true
				continue
			}
			if rule := &spamRules[p.rule]; !spoke[p.rule] && (rule.reason != autoReply || i < 120 && len(text) < 700) {
				spoke[p.rule] = true
				score += rule.weight
				v.Reasons = append(v.Reasons, rule.reason)
			}
		}
	}
	if !slices.Contains(v.Reasons, autoReply) && acknowledges(text) {
		score += 3
		v.Reasons = append(v.Reasons, autoReply)
	}
	if hasLink(text) && score > 0 {
		score++
		v.Reasons = append(v.Reasons, "has a link")
	}
	if isGibberish(body) {
		score += 3
		v.Reasons = append(v.Reasons, "is nonsense")
	}
	if score > 0 && score < 6 && product && !slices.Contains(v.Reasons, autoReply) {
		score -= 2
	}
	if v.Spam = score >= 3; !v.Spam {
		v.Reasons = nil
	}
	return v
}

// acknowledges knows what a help desk sends by itself: "Your request (#123) has been received and is being reviewed."
func acknowledges(text string) bool {
	if len(text) >= 700 {
		return false
	}
	for _, thing := range []string{"your request (", "your request #", "your ticket (", "your ticket #", "your case #", "your case (", "ihr ticket (", "ihr ticket #", "votre demande (", "su solicitud ("} {
		i := strings.Index(text, thing)
		if i < 0 || i > 120 {
			continue
		}
		rest := text[i+len(thing) : min(len(text), i+len(thing)+80)]
		for _, done := range []string{"has been received", "has been created", "has been registered", "has been opened", "has been updated", "wurde angelegt", "wurde erstellt", "ist eingegangen", "a été reçue", "a bien été reçue", "ha sido recibida"} {
			if strings.Contains(rest, done) {
				return true
			}
		}
	}
	return false
}

func hasLink(text string) bool {
	if strings.Contains(text, "http://") || strings.Contains(text, "https://") || strings.Contains(text, "www.") {
		return true
	}
	for word := range strings.FieldsSeq(text) {
		word = strings.Trim(word, ".,;:!?()<>\"'")
		dot := strings.IndexByte(word, '.')
		if dot > 2 && dot < len(word)-2 && strings.IndexByte(word, '@') < 0 && isHost(word) {
			return true
		}
	}
	return false
}

// isHost says that a word is a host name, perhaps with a path.
func isHost(word string) bool {
	host, _, _ := strings.Cut(word, "/")
	labels := strings.Split(host, ".")
	top := labels[len(labels)-1]
	if len(labels) < 2 || len(top) < 2 || len(top) > 10 {
		return false
	}
	for _, r := range host {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-' {
			return false
		}
	}
	for _, r := range top {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// isGibberish says that most words look like keys struck at random: no vowel, or one of four consonants in a row, and
// none is a known word. Names, codes and abbreviations alone don't make a message nonsense, so it takes several.
func isGibberish(body string) bool {
	var odd, plain int
	for word := range wordsOf(body) {
		if len(word) < 3 {
			continue
		}
		var room [32]byte
		lower := lowerInto(room[:0], word)
		if isKeyboardNoise(lower) {
			odd++
		} else {
			plain++
		}
	}
	return odd >= 3 && odd >= plain || odd >= 4 && odd*2 >= plain
}

func isKeyboardNoise(word []byte) bool {
	if len(word) < 4 {
		return false
	}
	consonants, vowels := 0, 0
	row := 0
	for _, c := range word {
		switch {
		case c >= 0x80 || isDigit(c) || c == '-' || c == '\'':
			return false
		case strings.IndexByte("aeiouy", c) >= 0:
			vowels++
			row = 0
		default:
			row++
			consonants = max(consonants, row)
		}
	}
	return vowels == 0 && len(word) >= 4 || consonants >= 5 && len(word) < 12
}
