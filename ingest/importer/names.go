package importer

import (
	"strings"
	"unicode"
)

// known lists, for each field, the names by which exports call its column, the surest first. Names are compared in lower
// case with one blank for whatever stands between letters and digits.
var known = []struct {
	field Field
	names []string
}{
	{Text, []string{"text", "body", "review text", "review body", "comment text", "feedback text", "message text", "full text", "verbatim", "review", "comment", "comments", "message", "feedback",
		"content", "answer", "response", "open response", "free text", "transcript", "description", "note", "notes", "opinion", "remark", "remarks", "post", "tweet", "details", "reason", "question", "texte", "texto", "kommentar", "kommentare",
		"bewertungstext", "nachricht", "rückmeldung", "anmerkung", "beschreibung", "comentario", "comentarios", "mensaje", "opinión", "reseña", "descripción", "commentaire", "commentaires", "avis", "testo", "commento", "utterance", "sentence", "query"}},
	{Title, []string{"title", "subject", "headline", "review title", "summary", "ticket subject", "betreff", "titel", "asunto", "título", "objet", "titre", "oggetto"}},
	{ID, []string{"external id", "id", "ticket id", "review id", "response id", "feedback id", "message id", "comment id", "conversation id", "post id", "item id", "case id", "case number", "ticket number", "ticket", "submission id",
		"note id", "uuid", "guid", "key", "nr", "no", "number", "respondent id", "ticket nr", "ticketnummer", "bewertungs id"}},
	{Time, []string{"occurred at", "created at", "submitted at", "created", "created on", "created date", "date created", "creation date", "submitted", "submission date", "submit date", "review submit date and time", "review submit millis since epoch", "timestamp", "datetime", "date time", "date", "time", "posted at", "posted",
		"review date", "response date", "received at", "received", "sent at", "sent", "opened at", "at", "when", "day", "datum", "zeit", "zeitpunkt", "erstellt", "erstellt am", "eingegangen am", "fecha", "fecha de creación", "creado", "date de création", "créé le", "data"}},
	{Source, []string{"source", "channel", "origin", "kanal", "quelle", "canal", "fuente", "origen", "via"}},
	{Rating, []string{"rating", "stars", "star rating", "star", "review rating", "bewertung", "sterne", "valoración", "estrellas", "étoiles", "csat"}},
	{Score, []string{"score", "nps", "nps score", "nps rating", "likelihood to recommend", "how likely", "punktzahl", "puntuación"}},
	{Language, []string{"language", "lang", "locale", "reviewer language", "sprache", "idioma", "langue", "lingua"}},
	{URL, []string{"url", "link", "permalink", "review link", "ticket url", "html url"}},
	{AuthorID, []string{"author id", "user id", "userid", "requester id", "reviewer id", "contact id", "person id"}},
	{AuthorEmail, []string{"author email", "email", "e mail", "email address", "user email", "requester email", "contact email", "customer email", "mail"}},
	{AuthorName, []string{"author", "author name", "reviewer", "reviewer name", "reviewer nickname", "nickname", "user", "username", "user name", "requester", "requester name", "respondent", "contact", "contact name", "full name", "name", "autor", "auteur", "nutzer", "verfasser"}},
	{CustomerID, []string{"customer id", "customerid", "account id", "accountid", "company id", "organization id", "organisation id", "org id", "client id", "kundennummer", "kunden id", "kundennr", "id cliente"}},
	{CustomerName, []string{"customer name", "customer", "account name", "account", "company name", "company", "organization", "organisation", "org", "client", "client name", "kunde", "kundenname", "firma", "unternehmen", "cliente", "empresa", "entreprise", "société"}},
	{CustomerSegment, []string{"customer segment", "segment", "customer tier", "customer size"}},
	{CustomerPlan, []string{"customer plan", "plan", "subscription", "subscription plan", "plan name"}},
	{CustomerARR, []string{"customer arr", "arr", "annual recurring revenue", "account arr", "acv"}},
}

// plain brings a column's name into the form that known has: "Review Text", "reviewText" and "review_text" are one.
func plain(name string) string {
	var b strings.Builder
	var before rune
	for _, r := range strings.TrimSpace(name) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				b.WriteByte(' ')
			}
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
		before = r
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// slug makes the name of a source of any words: "App Store" is app-store.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(s)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == 'ä' || r == 'ö' || r == 'ü':
			b.WriteString(map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue"}[r])
		case r == '_':
			b.WriteByte('_')
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 63 {
			break
		}
	}
	return strings.Trim(b.String()[:min(b.Len(), 63)], "-_")
}
