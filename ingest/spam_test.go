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
