package ingest

import "strings"

// grammar says what a word may do in a clause: the words of the closed classes, and the commonest verbs. It is small on
// purpose, and knows nothing of any product.
type grammar uint64

const (
	isPronoun     grammar = 1 << iota // may be a whole subject: I, we, it, somebody
	isSpeaker                         // of those, who writes: I, we
	isYou                             // who reads: you; and what is theirs: your
	isSomeone                         // of those, anybody: someone, nobody
	isThere                           // of those, the empty one: there
	isPerson                          // may be told something: me, us, them
	isAuxiliary                       // do, can, is: a verb that may stand before its subject
	isBe                              // of those, the forms of be
	isWould                           // of those, the ones that wish: would, I'd
	isOwning                          // of those, the ones that take an object too: "have the keys", "did the job"
	isVerbSecond                      // German: such a verb or its subject, which change places in statements too
	isQuestion                        // how, what, when
	isThing                           // of those, the ones that may be a subject: what
	isWhy                             // of those, the ones for a cause or a time: why, when
	isMeasured                        // stands behind one: how long, what time
	isArticle                         // opens a noun phrase: the, my, an, some
	isDefinite                        // of those, the ones that name something known: the, my, your
	isPreposition                     // of, at, for
	isParticle                        // of those, the ones that may end a clause: in, off, up
	isTo                              // of those, the one before a verb: to
	isJoint                           // ties clauses: and, because, that
	isAnd                             // of those, the one that ties equals: and
	isCondition                       // of those, the ones whose clause does not stand alone: if, when, because
	isVerb                            // another common verb
	isRegular                         // a verb that is known by its ending alone
	isEmbedder                        // takes a clause: know, think, told, sure
	isTelling                         // of those, the ones that have a person: tell me, let me
	isOrder                           // a verb that people give orders with: send, cancel, tell
	isWanting                         // what I and we open a request with: want, need, wish
	isLiking                          // the same behind would: like, love
	isNeed                            // of the wanting, the ones that may give a reason: need
	isManner                          // may stand before a verb: just, also, please, not
	isEnding                          // of those, the ones that may end a clause: again, now
	isAdding                          // of those, the ones that open another point: also, please
	isPlease                          // of those, the polite ones: please
	isRelated                         // takes a clause about itself without a "that": time, way, thing, all
	isVague                           // names no thing: problem, reason, step
)

var grammarOf = func() map[string]grammar {
	m := map[string]grammar{}
	add := func(flags grammar, words string) {
		for w := range strings.FieldsSeq(words) {
			m[w] |= flags
		}
	}
	add(isPronoun|isSpeaker, `i we ich wir je j nous`)
	add(isPronoun, `you he she they it there somebody someone anybody anyone everybody everyone nobody this jemand man es sie il elle ils elles vous usted`)
	add(isVerbSecond, `ich wir jemand man es sie er`)
	add(isSomeone, `someone somebody anyone anybody everyone everybody nobody`)
	// A pronoun and its verb in one word.
	add(isPronoun|isSpeaker|isVerb, `i'm i've i'd i'll im ive we're we've we'd we'll j'ai`)
	add(isPronoun|isVerb, `it's there's he's she's they're you're you've that's theres`)
	add(isAuxiliary, `do does did can could will would should shall may might must have has had don't doesn't didn't can't cannot couldn't won't
		wouldn't shouldn't haven't hasn't hadn't dont doesnt didnt cant couldnt wont wouldnt shouldnt havent hasnt hadnt
		puedo puede podemos pueden podría hay tiene tengo peut peux pouvez pourriez est-ce avez`)
	add(isAuxiliary|isVerbSecond, `kann können könnt könnte könnten habe hat haben hatte wird werden würde würden soll sollte muss müssen darf dürfen gibt geht`)
	add(isAuxiliary|isBe|isVerbSecond, `ist sind waren bin`)
	add(isAuxiliary|isBe, `is are was were am isn't aren't wasn't weren't isnt arent wasnt werent está están son sont était`)
	add(isQuestion, `how what when where why which who whose wie wann wo warum wieso weshalb welche welcher welches wer
		cómo qué cuándo cuánto cuánta cuántos dónde cuál quién comment combien quand où pourquoi quel quelle quels quelles`)
	add(isQuestion|isAuxiliary|isBe, `wheres whats where's what's who's hows how's`)
	add(isArticle|isDefinite, `the my your our der die das mein meine meinen unser unsere ihr ihre la le les el los mon ma mes notre votre mi mis nuestra nuestro`)
	add(isArticle, `a an his her their this that these those some any every each no another all both many most several few two three four five six
		ein eine einen einem einer kein keine un una une des unos unas`)
	add(isPreposition, `of at for with from about into onto over under after before during without within between through against by to until till since per than like as near
		behind beside besides except via toward towards across along around among despite upon
		von mit bei für aus nach zu zum zur auf an am im vom über unter vor seit ohne gegen bis durch
		de del con para por sin desde hasta sobre à au aux du pour avec sans dans chez sur par vers`)
	add(isPreposition|isParticle, `in on off up out back down over through around away en`)
	add(isJoint, `and or but so nor then und oder aber y e o pero et ou mais`)
	add(isJoint|isCondition, `if because since when while until unless whether that although though once before after as than where who which whose
		wenn weil dass ob obwohl bevor nachdem damit falls sobald als que si porque cuando aunque mientras quand lorsque puisque qui dont
		whenever wherever however`)
	add(isVerb|isEmbedder, `know knows knew think thinks thought believe believed say says said tell tells told wonder wonders wondering ask asks asked hope hopes hoped see sees saw
		understand understood explain explains explained check checked checking feel feels felt realise realised realize realized notice noticed confirm confirmed
		mean means guess suppose wish wished find found heard hear show shows showed saying stating telling showing wondering asking idea assume expect expected decide decided remember forget learn learned discover
		discovered suggest suggests suggested recommend let lets make makes made help helps helped figure like imagine reckon bet
		weiß wissen möchte denke glaube sagt sagte hoffe finde frage sé saber creo dice espero sais savoir pense crois dit`)
	add(isEmbedder, `sure sorry afraid glad happy aware certain worried surprised`)
	add(isPerson, `me us them him her you mir uns me nos moi`)
	add(isTelling, `tell tells told let lets show shows ask asks asked explain explains teach`)
	add(isThere, `there`)
	add(isTo, `to zu`)
	add(isVague, `problem problems issue issues cause reason reasons procedure process step steps status solution option options wrong happening going hold holdup next deal matter
		chance idea case kind sort point question right fault error errors glitch bug mistake trouble normal okay fine correct hello thanks thank guys`)
	add(isWhy, `why when warum wieso wann pourquoi quand cuándo`)
	add(isNeed, `need brauche brauchen necesito necesitamos besoin`)
	add(isYou, `you your`)
	add(isWould, `would i'd we'd`)
	add(isLiking, `like love rather prefer appreciate`)
	add(isMeasured, `time many much long often far big old soon late early kind`)
	add(isPlease|isManner, `please pls plz bitte kindly`)
	add(isThing, `what was qué`)
	add(isAnd, `and und y et`)
	add(isEnding, `again yet now already actually currently simply anymore too`)
	add(isAdding, `also please pls plz plus auch bitte también aussi`)
	add(isVerb|isOwning, `have has had haven't hasn't hadn't havent hasnt hadnt`)
	add(isOwning, `do did`)
	add(isVerb, `go goes went gone going get gets got getting give gives gave given take takes took taken taking keep keeps kept come comes came put puts
		fix fixes use uses used using need needs needed want wants wanted try tries tried trying work works worked working open opens close closes start starts stop stops
		run runs ran lose loses lost send sends sent buy buys bought pay pays paid paying charge charges order orders change changes move moves turn turns
		call calls leave leaves left lost break breaks broke crash crashes fail fails forgot forgets freeze freezes froze show shows save saves stay stays
		load loads print prints receive receives cost costs take takes arrive arrives arriving happen happens bring brings brought book books cancel cancels
		love loves loved hate hates hated enjoy enjoyed miss misses like liked live lives ordered bought sold sell sells wait waiting waits reset write writes wrote
		read reads set sets cut cuts hit hits look looks looked seem seems seemed appear appears sound sounds smell smells fit fits forget
		kommt kommen geht gehen bleibt funktioniert fehlt fehlen brauche braucht will verloren bekomme kostet nervt
		quiero necesito va funciona falta llega cuesta veux voudrais marche manque reçu fonctionne`)
	add(isVerb|isOrder, `send cancel change add block unblock close open book give show tell let set remind make create remove delete stop fix bring help put call refund
		transfer confirm update move turn check enable disable activate reset print wake keep get take read order pay explain schedule arrange renew upgrade`)
	add(isWanting, `want need wish wanna möchte brauche möchten brauchen quiero necesito queremos veux voudrais souhaite`)
	add(isManner, `just also please really still only never always not too again now kindly simply even already actually currently then auch noch bitte también aussi ne no`)
	add(isRelated, `time times way reason day moment thing things all everything anything something nothing one ones place first second third other same whole last only much many more most`)
	return m
}()
