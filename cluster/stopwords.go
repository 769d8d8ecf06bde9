package cluster

import "strings"

// stopWords neither begin nor end a phrase: function words of English, German, Spanish and French, and in English the
// verbs and courtesies with which people ask for anything.
var stopWords = set(`
a about above actually after again all almost already also although always am an and another any anybody anymore anyone
anything anyway anywhere are aren't around as ask asked asking at away back be became because become been before being
below best better between both but by came can can't cannot can not come comes coming could couldn't currently did didn't
do does doesn't doing don't done down due each either else especially etc even ever every everyone everything exactly far
few find for from further gave get gets getting give gives giving go goes going gone good got great had hadn't happen
happened happening happens hard has hasn't have haven't having he hello help hence her here hers hey hi him his hope how
however i i'd i'll i'm i've if in indeed instead into is isn't it it'd it'll it's its itself just keep keeps kept kind
kindly know known last later least less let let's like likely little long look looking looks lot lots made make makes making
many may maybe me mean means might mine more most much must my myself near need needed needing needs neither never new next
no nobody none nor not nothing now of off often oh ok okay old on once one ones only onto or other others otherwise our ours
out over own per perhaps please possible possibly probably put quite rather really regarding regards right said same saw
say saying says see seem seemed seems seen several shall she should shouldn't show shows simply since so some somebody
somehow someone something sometimes soon sorry still stuff such sure take taken takes taking tell than thank thanks that
that's the their theirs them themselves then there there's therefore these they they'd they'll they're they've thing
things think this those though through thus till to today together told too took toward tried tries true try trying
two under unless until up upon us use used uses using usually various very via want wanted wanting wants was wasn't way we
we'd we'll we're we've well went were weren't what what's whatever when whenever where where's whether which while who
who's whole whom whose why will wish with within without won't wonder wondering work worked working works would wouldn't
yes yet you you'd you'll you're you've your yours yourself able ago able dear everybody anyone's nobody's isn there'd
first second third three four five six seven eight nine ten hundred bit fine big small whats dont cant doesnt didnt im ive
isnt wont wouldnt id thats hasnt havent arent couldnt shouldnt wasnt ain't aint hello yesterday tomorrow tonight vs fix lol omg smh
pls plz thx ur ya gonna wanna
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bitte da dabei dafür damit
danke dann daran darauf das dass dein dem den denn der des deshalb die dies diese diesem diesen dieser dieses doch dort du
durch ein eine einem einen einer eines einfach er es etwas euch euer für ganz gar geht gerne gibt gut habe haben hat hatte
hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt kann
kein keine keinen keiner kommt können könnte könnten lässt leider mache machen macht man mal mehr mein meine meinem meinen
meiner mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne sehr sein seine seit sich sie sind so sollte
sonst soll sollen über um und uns unser unsere unserem unseren unserer unter viel viele vom von vor war waren warum was weil
weiter welche wenn wer werden wie wieder will wir wird wirklich wo wollen worden wurde wurden würde würden zu zum zur zwar
zwischen schon beide hallo liebe grüße freundlichen neu neue neuen neuer neues gestern heute seitdem wirklich bereits bitten
a al algo algunas algunos ante antes aquí aun aún aunque bien cada casi como cómo con contra cosa cosas cual cuando cuándo de
del desde donde dónde dos e el él ella ellas ellos en entonces entre era eran es esa esas ese eso esos está están estamos
estar estas este esto estos fue fueron gracias ha había hace hacer hacia hago han hasta hay hola la las le les lo los más me
mejor mi mis mismo mucho muchos muy nada ni no nos nosotros nuestra nuestras nuestro nuestros o otra otro otros para pero
poco podemos poder podría porque por puede pueden puedo pues que qué quien quiero se sea según ser si sí siempre sin sobre
solo sólo son soy su sus también tampoco tan tanto te tenemos tener tengo tiene tienen toda todas todavía todo todos tras tu
un una unas uno unos usted ustedes va vamos vez y ya yo favor saludos buenos días hemos necesitamos hola nuevo nueva nuevos nuevas ayer hoy ahora somos estaba
à afin ai ainsi alors après au aucun aucune aujourd'hui aussi autre autres aux avant avec avez avoir avons bien bonjour c'est
car ce ceci cela celle celui ces cet cette ceux chaque chez comme comment d'un d'une dans de depuis des deux doit donc dont du
elle elles en encore entre est et étaient était étant été être eu eux faire fait faut fois font il ils j'ai je jusqu'à l'on la
là le les leur leurs lors lui ma mais me même merci mes moi moins mon n'a n'est ne ni non nos notre nous on ont ou où par
parce pas peu peut peuvent plus plutôt pour pourquoi pourrait pouvez près puis qu'il qu'on quand que quel quelle quelles quels
qui quoi qu'elle s'il sa sans se sera ses si soit son sont sous suis sur ta tes toi ton toujours tous tout toute toutes très
trop tu un une va vers voici voilà vos votre vous y cordialement svp nouveau nouvelle nouveaux nouvelles hier maintenant dès
`)

// joints may stand inside a phrase, between two words of its own: prepositions, articles, possessives, auxiliaries and
// negations, and nothing that begins a clause.
var joints = set(`of for in on to from with without by and per vs or not at into about over out up off down back as
the a an my our your their is are was were been has have had new
isn't aren't wasn't weren't hasn't haven't hadn't won't can't cannot don't doesn't didn't couldn't wouldn't never no still
isnt wasnt hasnt havent wont cant dont doesnt didnt couldnt
für von vom zum zur und mit ohne auf im beim der die das den dem des ein eine einen einem einer mein meine meinen meinem meiner
nicht kein keine keinen ist sind war wird wurde wurden bei nach aus an zu ins noch nie
de del para por sin con en la el los las y al un una mi mis su no es está fue ha se nunca
des du d' pour sans avec en au aux à le les et une mon ma mes sa son est sont pas n'est été a jamais
`)

// negations turn around what a phrase says.
var negations = set(`not isn't aren't wasn't weren't hasn't haven't hadn't won't can't cannot don't doesn't didn't couldn't
wouldn't never no without isnt wasnt hasnt havent wont cant dont doesnt didnt couldnt
nicht kein keine keinen nie ohne
no nunca sin
pas jamais sans n'est`)

// predicates end a phrase behind a negation.
var predicates = set(`work working works worked`)

// particles belong to the word before them where they follow it most of the time.
var particles = set(`up out off down in on back`)

// connectives begin sentences that go on from another one.
var connectives = set(`but and also or so because then second third plus otherwise
aber und auch oder denn dann außerdem pero y también o entonces además mais et aussi ou puis`)

func set(words string) map[string]bool {
	out := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
