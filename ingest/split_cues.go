package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type mood uint8

const (
	neutral mood = iota
	praise
	trouble
)

// strength says how surely a cue opens a new point.
type strength uint8

const (
	none strength = iota
	weak
	strong
)

// features are what a sentence's words tell the splitter.
type features struct {
	words     int
	mood      mood
	asks      bool     // a question, a request, a wish
	adds      strength // opens with "also", "second:", "separately"
	contrasts bool     // opens with "but", "however", "only"
	continues bool     // opens with a word that points back
	refers    bool     // holds one before it has said much itself
	requests  bool     // is a question, or opens like a request
	meets     bool     // opens like the notes of a meeting
	clause    bool     // was cut off the sentence before it
	opens     opening  // how it opens, in a message of few sentences
	toYou     bool     // asks the reader to do something, in a message of few sentences
	asksWhy   bool     // asks for the why and when of something, which the next sentence may tell of
	definite  bool     // opens with "the", "my", "your"
	matter    int      // its words that are in no closed class, in a message of few sentences
	stems     []uint32 // hashes of its words of content
}

func (f *features) troubled() bool { return f.mood == trouble || f.asks }

const (
	isPositive = 1 << iota
	isNegative
	isWish
	isNegation
	isStop
	pointsBack
	isCount  // two, several: announces points before
	isPoint  // things, questions
	isRefer  // takes its sense from an earlier sentence, wherever it stands
	isFiller // may stand between the count and the points
	isLiker  // may like something
)

// lexicon says what a word does. The lists are short on purpose: they only have to tell praise from trouble where both
// stand in one message.
var lexicon = func() map[string]uint16 {
	m := map[string]uint16{}
	add := func(flag uint16, words string) {
		for w := range strings.FieldsSeq(words) {
			m[w] |= flag
		}
	}
	add(isPositive, `love loved loves great excellent brilliant fantastic awesome perfect amazing superb wonderful best easiest easy simple
		happy thrilled delighted adore adores satisfied pleased fan cracker helpful smooth straightforward impressed nice lovely fab
		ace outstanding terrific kudos solid spot-on medal beautiful beautifully praise compliment kind patient recommend enjoy intuitive
		handy reliable friendly gem lifesaver superfast good raved raving thankful warm warmly clear spot defended spotless super stellar
		toll super klasse spitze genial prima hervorragend begeistert zufrieden liebe perfekt großartig ausgezeichnet einfach gut wunderbar lob
		excelente genial encanta encantado encantada perfecto maravilla estupendo estupenda fantástico fantástica fácil bueno buena contento contenta
		parfait excellent excellente génial super ravi ravie formidable pratique bien adore bravo`)
	add(isNegative, `bug bugs crash crashes crashed crashing error errors fail fails failed failing broken broke breaks slow slower lag lags lagging
		missing lost loses lose gone wrong wrongly twice duplicate duplicates duplicated doubled freeze freezes frozen hang hangs stuck late problem problems issue issues
		annoying annoyed annoys awful terrible horrible worst useless hate hated confusing impossible trouble troubles complain complaint complaints
		disappear disappears disappeared vanished expired empties drains drain dead stale bad poor nightmare ridiculous joke unusable gripe grumbled
		never can't cannot won't doesn't don't didn't isn't wasn't aren't couldn't dont doesnt cant wont unfortunately sadly refuses refused rejects rejected kicked
		crap shit garbage rubbish trash sucks headache pain frustrating frustrated worse loud shriek ear-splitting expensive overpriced unhappy kaputt mangel fehlt fehlen fehlte
		fehler absturz abstürze stürzt langsam kaputt falsch doppelt verschwunden verschwindet weg leider nervt ärgerlich schlecht problem probleme hängt hakt
		fallo fallos falla error errores lento lenta mal problema problemas pierde perdido duplicado duplicada molesto cuelga caro bloquea
		bogue bogues plante panne erreur erreurs lent lente problème problèmes perdu perdue manque bloqué cassé faux trop doublon`)
	add(isWish, `wish wishes please add need needs want wants wanted should would could ask asks asked request missing hope suggest prefer
		wünsche wunsch bitte brauche brauchen möchte möchten könnte wäre sollte
		necesito necesitamos quisiera quiero querríamos falta faltaría gustaría favor podría podrían
		souhaite souhaitons voudrais voudrions besoin serait pourrait faudrait possible manque`)
	add(isNegation, `not no never nothing neither without hardly n't isn't wasn't don't nicht kein keine nie ohne no nunca sin ne pas jamais sans aucun`)
	add(pointsBack, `it its it's that that's this these those they they're them their he he's she she's his her him there then so because which who
		same such thus therefore hence instead otherwise yesterday meanwhile even especially result example example: yes no nope still only
		er sie es das dies diese dieser dieses dann deshalb daher dadurch damit dort so trotzdem denn weil dabei beim
		eso esto esta este estos ello ella ellos así entonces por además allí porque
		cela ça ce c'est il elle ils elles donc alors ainsi cette ces parce`)
	add(isCount, `two three four couple few several zwei drei vier paar einige dos tres cuatro varias varios deux trois quatre quelques plusieurs`)
	add(isPoint, `things points issues asks wishes topics questions complaints requests problems remarks notes bugs ideas suggestions
		comments items gripes gates conditions ones dinge punkte sachen fragen themen wünsche probleme anliegen anmerkungen cosas puntos preguntas temas problemas peticiones
		sugerencias choses sujets problèmes demandes remarques`)
	add(isLiker, `i we they he she really crews drivers dispatchers engineers team guys also do and`)
	add(isFiller, `more other small little quick related separate fresh different kleine kurze pequeñas petites product feature main of`)
	add(isRefer, `this that it its it's them they they're these those one ones either both same instead itself that's dafür damit davon
		darauf darüber dazu dabei sie ihn ihm ihnen dasselbe lo ello ellos ellas mismo misma eso leur lui en cela ça celui celle`)
	add(isStop, `about above after again against all almost also always another anyone anything around away back been before behind being below
		between both call case check come could customer does doing done down each else enough ever every everyone everything first from full
		give given going half hand have having hello here hour hours however into just keep kind know last least leave less like
		little long look made make makes making many maybe mean might minute minutes month months more morning most much must name need next
		nobody nothing once other others over part people perhaps person place quite rather really right said same says second seems several
		should show since some someone something sometimes still such sure take takes tell than thank thanks that their them then there these they thing things
		think this those though three time times today together told took toward tried under until upon used user users using very want wants week weeks well
		went were what when where whether which while will with within without work works would year years yesterday your yours
		aber alle allem allen aller alles also andere anderen auch beim bereits bitte dann dass dein deine denn diese diesem diesen dieser dieses doch
		durch eine einem einen einer eines einfach etwas euch eure ganz gern geht gibt haben hatte hier ihre ihren immer jede jeden jeder jetzt kann
		keine keinen können macht mehr mein meine mich muss müssen nach nicht nichts noch oder ohne schon sehr sein seine seit sich sind soll
		über unser unsere unseren viel viele wenn werden wieder will wird wurde zwei zwischen
		algo antes aquí cada como cómo cuando desde donde durante ella ellos entre está están esta este esto hace hacer hasta había mucho muchos nada nuestra nuestro
		nuestros otra otro para pero poco podemos porque pueden puede quiero siempre sobre solo también tenemos tiene tienen toda todas todo todos una usted vamos
		alors aussi autre autres avec avez avoir avons beaucoup bien cela cette chaque comme comment dans depuis deux donc elle elles encore entre
		être fait faire faut jour leur leurs mais même mettre moins notre nous parce peut peux plus pour pouvez quand quel quelle sans sera sont sous souvent
		tous tout toute toutes très trop veut vers votre vous`)
	return m
}()

// contrastWords open a sentence or clause that goes against the one before.
var contrastWords = []string{"but ", "however", "although ", "though ", "except ", "sadly", "unfortunately", "only thing", "only issue", "only problem",
	"only downside", "the only ", "my only ", "one star off", "that said", "having said", "just wish", "i just wish", "now please", "would be a 10", "it'd be perfect", "it would be perfect",
	"if i could", "if you could", "less good", "less delighted", "much less", "bad:", "minus:", "con:", "cons:", "downside", "on the downside", "negative:",
	"gripe", "main gripe", "my gripe", "least favourite", "least favorite", "which brings me", "then grumbled", "don't like", "dislike",
	"aber ", "jedoch", "leider", "allerdings", "nur:", "nur ", "einziges manko", "schade",
	"pero ", "sin embargo", "lo único", "lástima", "por desgracia", "lo malo",
	"mais ", "cependant", "par contre", "en revanche", "dommage", "malheureusement", "seul bémol", "seul "}

// meetings open the notes that somebody took of a call.
var meetings = []string{"call ", "spoke ", "talked ", "met ", "qbr", "ebr", "check-in", "checkin", "quarterly", "monthly", "weekly", "renewal", "account review", "review", "meeting", "sync ", "follow-up", "follow up", "demo ", "visit",
	"discovery", "onboarding", "kick-off", "kickoff", "mid-year", "spring ", "training", "steering", "prospect", "upsell", "notes ", "adoption", "status call", "telefonat", "gespräch", "termin ", "llamada", "reunión", "appel ", "réunion"}

// addStrong open another point for sure, addWeak most often.
var (
	addStrong = []string{"separately", "second:", "second,", "secondly", "third:", "third,", "thirdly", "another thing", "another point", "another issue",
		"another request", "another wish", "another one", "on another note", "on a happier note", "on a positive note", "on a brighter note", "on a lighter note", "by the way", "btw", "on a different note", "different topic", "different subject", "unrelated", "not related",
		"while i'm at it", "while i am at it", "while i'm here", "while i have you", "while we're at it", "while i'm writing", "one more thing", "one more:", "one more ask",
		"one ask", "one request", "ask:", "asks:", "minor:", "smaller item", "second wish", "second gripe", "second ask", "second topic", "second issue", "second one",
		"next wish", "his next", "her next", "wish:", "praise:", "positive:", "only bright spot", "on the plus side", "on the bright side", "on the positive", "wish of the month", "follow-on",
		"apart from that", "other than that", "otherwise satisfied", "other topic", "other thing", "other point", "in other news", "on top of that", "in addition", "additionally", "furthermore", "moreover", "besides,", "besides that",
		"ps:", "ps ", "p.s.", "also asked", "also asks", "also wants", "also want", "also want ", "also mentioned", "also raised", "also flagged", "also said", "also came up", "oh and", "and another", "now do the", "also, ", "and also ", "also:", "one item", "good:", "bad:", "plus:", "minus:", "pro:", "con:", "pros:", "cons:",
		"zweitens", "drittens", "außerdem", "ausserdem", "und außerdem", "des weiteren", "darüber hinaus", "zusätzlich", "noch etwas", "noch was", "noch eine", "übrigens", "nebenbei", "anderes thema",
		"ein weiterer punkt", "zum anderen", "weiterhin wäre",
		"además", "segundo", "en segundo lugar", "por otro lado", "por otra parte", "otra cosa", "otro tema", "aparte", "y además", "tercero",
		"de plus", "par ailleurs", "deuxièmement", "ensuite,", "autre chose", "autre point", "autre sujet", "en outre", "d'autre part", "et aussi", "troisièmement"}
	addWeak = []string{"also ", "plus ", "plus, ", "and the ", "and when ", "and why ", "and how ", "and can ", "and could ", "and please ", "and i ", "auch ", "und ", "ebenso", "también ", "tampoco ", "aussi ", "et "}
)

func opens(lower string, cues []string) bool {
	for _, c := range cues {
		if strings.HasPrefix(lower, c) {
			return true
		}
	}
	return false
}

// read fills the features from the words of a sentence.
func (s *sentence) read(text string) {
	s.features = features{stems: s.stems[:0]}
	s.announces = false
	var buf [64]byte
	head := strings.TrimLeft(lowerHead(buf[:0], text), "-*(\"' ")
	switch {
	case opens(head, addStrong) || namesPoint(head):
		s.adds = strong
	case opens(head, addWeak):
		s.adds = weak
	}
	s.contrasts = opens(head, contrastWords)
	s.meets = opens(head, meetings)
	plea, empty := opens(head, pleas), opens(head, emptySubjects)
	var positive, negative, wish int
	var before uint16
	negated, counted := 0, false // words since a negation, counted down; a count stands before
	for word := range wordsOf(text) {
		var room [32]byte
		lower := lowerInto(room[:0], word)
		flags := lexicon[string(lower)]
		s.words++
		if s.words == 1 {
			s.continues = flags&pointsBack != 0
		}
		s.refers = s.refers || flags&isRefer != 0 && !(empty && s.words <= 4) && (s.words <= 5 || len(s.stems) < 2)
		switch {
		case flags&isPositive != 0 && negated > 0:
			negative++
		case flags&isPositive != 0 || isLike(lower) && (s.words == 1 || before&isLiker != 0) && negated == 0:
			positive++
		}
		if flags&isNegative != 0 {
			negative++
		}
		if flags&isWish != 0 {
			wish++
		}
		if flags&isNegation != 0 {
			negated = 3
		} else if negated > 0 {
			negated--
		}
		switch {
		case flags&isCount != 0:
			counted = true
		case counted && flags&isPoint != 0:
			s.announces = true
		case flags&isFiller == 0:
			counted = false
		}
		before = flags
		if s.words < 6 && string(lower) == "also" && s.words > 1 {
			s.adds = max(s.adds, weak)
		}
		if len(lower) >= 4 && flags&(isStop|isPositive|isWish|pointsBack) == 0 && len(s.stems) < 48 {
			s.stems = append(s.stems, stem(lower))
		}
	}
	switch {
	case negative > 0:
		s.mood = trouble
	case positive > 0:
		s.mood = praise
	}
	s.announces = s.announces && (s.words <= 8 || strings.Contains(text, ":") && len(text) <= 200)
	s.continues = s.continues || plea
	question := strings.HasSuffix(text, "?")
	s.asks = question || wish > 0 && negative == 0 && positive == 0
	s.requests = question || opens(head, requestStarts) || s.words <= 16 && strings.IndexByte(text, ',') < 0 && opens(head, questionStarts)
	if opens(head, wishStarts) && s.mood == praise {
		s.mood, s.asks, s.requests = neutral, true, true
	}
	if question && s.mood == praise {
		s.mood = neutral
	}
}

// isLike and isLiker tell "we like the board" from "looks like a form".
func isLike(lower []byte) bool {
	return string(lower) == "like" || string(lower) == "likes" || string(lower) == "liked"
}

// namesPoint knows an opening such as "only gripe", "one more wish:", "open ask:", "my other question".
func namesPoint(head string) bool {
	first, rest, ok := strings.Cut(head, " ")
	if !ok || !ordinals[first] {
		return false
	}
	for range 2 {
		word, more, _ := strings.Cut(rest, " ")
		if singlePoint[strings.TrimRight(word, ":,.")] {
			return true
		}
		if !ordinals[word] {
			return false
		}
		rest = more
	}
	return false
}

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	ordinals = wordSet(`one only my main biggest other second third next open new small smaller minor last final single another more big his her their our the and
		eine ein einzige einziger zweite zweiter nächste nächster weitere weiterer kleine kleiner una único única otra otro segunda segundo un une seul seule autre deuxième`)
	singlePoint = wordSet(`wish ask gripe moan complaint request problem issue downside concern annoyance question niggle angle suggestion idea topic bit
		wunsch bitte frage kritik manko kritikpunkt problem thema queja petición pregunta pega souci demande bémol question reproche remarque`)
)

// requestStarts open a sentence that asks for something without a question mark.
var requestStarts = []string{"please ", "can you", "can i", "can we", "could you", "could we", "i want", "i'd like", "i would like", "i need", "we need", "we want", "we'd like", "we would like", "is there",
	"give me", "tell me", "show me", "help me", "add ", "make ", "let ", "set up", "set ", "create ", "cancel ", "change ", "open ", "close ", "book ", "block ", "send ", "check ", "remove ", "allow ", "i wish",
	"bitte ", "ich möchte", "ich will", "ich brauche", "wir brauchen", "quiero ", "necesito ", "quisiera ", "je veux", "je voudrais", "pouvez"}

// wishStarts open a wish in words of praise.
var wishStarts = []string{"would be great", "would be nice", "would be good", "would be perfect", "would love", "it would be great", "it would be nice", "it would be good", "it would be perfect", "i would love", "i'd love", "we'd love", "wäre schön", "wäre toll", "es wäre schön", "es wäre toll"}

// emptySubjects open a sentence with an "it" that takes its sense from what follows.
var emptySubjects = []string{"is it possible", "is it allowed", "is it ok", "is it true", "is it important", "is it necessary", "would it be possible", "it would be great", "it would be nice", "it would be good", "it would be useful",
	"how long does it", "what time is it", "is there", "there is", "there are", "are there", "there's"}

// pleas ask for help with what was said before.
var pleas = []string{"please help", "please fix", "please advise", "please assist", "please check", "please look", "help me", "help!", "can you help", "could you help", "can anyone help", "can somebody", "could somebody", "any help", "any idea", "any news", "i need help", "i need assistance",
	"bitte prüfen", "bitte helfen", "bitte um", "por favor", "ayuda", "pouvez-vous m'aider", "aidez", "merci de"}

// questionStarts open a question that lost its mark, but other sentences too.
var questionStarts = []string{"how ", "what ", "when ", "where ", "why ", "do ", "does ", "did ", "are ", "is ", "will ", "can ", "could ", "which ", "wie ", "kann ", "können ", "wann ", "warum ", "cómo ", "comment "}

// lowerHead gives the first bytes of a text in lower case.
func lowerHead(buf []byte, text string) string {
	end := min(len(text), 40)
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(lowerInto(buf, text[:end]))
}

// wordsOf yields the words of a text, with the apostrophes and hyphens within them.
func wordsOf(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := -1
		for i := 0; i <= len(text); {
			r, size := rune(' '), 1
			if i < len(text) {
				if r = rune(text[i]); r >= utf8.RuneSelf {
					r, size = utf8.DecodeRuneInString(text[i:])
				}
			}
			switch {
			case isWordRune(r) || r >= '0' && r <= '9' || r == '-' && start >= 0 || r > 0x370 && unicode.IsLetter(r):
				if start < 0 && r != '\'' && r != '’' {
					start = i
				}
			case start >= 0:
				if !yield(strings.TrimRight(text[start:i], "-'’")) {
					return
				}
				start = -1
			}
			i += size
		}
	}
}

// stem hashes a word without the commonest endings, so that "scan", "scans" and "scanning" are one.
func stem(word []byte) uint32 {
	for _, suffix := range []string{"'s", "ings", "ing", "ies", "ers", "er", "ed", "es", "en", "s", "e", "y"} {
		if n := len(word) - len(suffix); n >= 4 && string(word[n:]) == suffix {
			word = word[:n]
			break
		}
	}
	if n := len(word); n >= 4 && word[n-1] == word[n-2] {
		word = word[:n-1]
	}
	const prime = 16777619
	h := uint32(2166136261)
	for _, c := range word {
		h = (h ^ uint32(c)) * prime
	}
	return h
}
