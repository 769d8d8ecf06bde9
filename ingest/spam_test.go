package ingest

import "testing"

func TestDetectSpam(t *testing.T) {
	for _, c := range []struct {
		name, title, body string
		want              bool
	}{
		{"search ranking", "", "We will rank your website on the first page of google, contact https://seo.example.com", true},
		{"gambling", "", "best casino bonus, register today at casino.example.com", true},
		{"crypto", "", "I doubled my savings: connect wallet at airdrop.example.com", true},
		{"nonsense", "", "fghj dfgh jklm sdfgh qwrt zxcv", true},
		{"out of office", "Automatic reply: invoice", "I am out of the office until Monday.", true},
		{"German out of office", "", "Ich bin derzeit nicht im Büro und lese Ihre E-Mail am Montag.", true},
		{"a ticket's acknowledgement", "", "Your request (#48213) has been received and is being reviewed by our support staff. To add additional comments, reply to this email.", true},
		{"an acknowledgement with a greeting", "Re: Export", "Hello Anna,\n\nThank you. Your ticket #991 has been created.", true},
		{"German acknowledgement", "", "Guten Tag, wir haben Ihre Anfrage erhalten und melden uns in Kürze.", true},
		{"French acknowledgement", "", "Bonjour, nous avons bien reçu votre demande.", true},
		{"Spanish acknowledgement", "", "Hola, hemos recibido su solicitud y la estamos revisando.", true},
		{"a delivery failure", "Undelivered", "Delivery has failed to these recipients or groups: [EMAIL_1]. The address was not found.", true},
		{"annual leave", "", "I am on annual leave and will be back on 3 June.", true},
		{"French absence", "Réponse automatique : facture", "Je suis absent jusqu'au 3 juin.", true},
		{"Spanish absence", "", "Estoy de vacaciones hasta el lunes.", true},
		{"about an acknowledgement", "", "I only ever get that my request was received. Your ticket page shows nothing and the export fails.", false},
		{"about a request that was closed", "Re: Your request (#48213)", "Your request (#48213) was closed by you without an answer, and the app still crashes.", false},
		{"a delivery that is no mail", "", "The parcel could not be delivered because your app prints the wrong address on the label.", false},
		{"an error that the product shows", "", "Address not found for half of our depots, message not delivered in the chat.", false},
		{"a complaint", "", "The export is broken and your support never answers.", false},
		{"about an automatic reply", "", "I wrote three times and each time your bot answered with an automatic reply. The invoice export still fails and nobody reads the ticket.", false},
		{"a customer who names spam words", "", "Our customers at the casino need the app to export invoices.", false},
		{"a link in a bug report", "", "The page https://app.example.com/board shows an error.", false},
		{"short shouting", "", "WORST APP EVER!!!", false},
		{"abbreviations", "", "SSO, SCIM, MFA and KPI for HVAC techs pls", false},
		{"a price complaint", "", "The best price would be half of that. Telegram us? No, call us.", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if v := DetectSpam(c.title, c.body); v.Spam != c.want || v.Spam == (len(v.Reasons) == 0) {
				t.Errorf("%+v, want %v", v, c.want)
			}
		})
	}
}
